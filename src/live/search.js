// The searches of a program. They are JavaScript, because they only order promises: in Rust they were
// measured to cost 0.9 KB (brotli) more.

import { asTypeError, report } from "../interop/error.js";

const { freeze } = Object;

/**
 * Returns a search, whose members are documented in src/types/search.d.ts. `request` requests a page:
 * `results`, and `next`, the cursor of the next page if there can be one.
 */
const search = (request, onResults) => {
  // The current query, whose identity shows that results are not of an earlier one.
  let query;
  let results = freeze([]);
  let next;
  let isLoading;
  /** @type {Promise<unknown>} */
  let last = Promise.resolve(freeze({ results, loadedAll: false }));

  const show = (status) => {
    const shown = results;
    // After the module has returned.
    if (onResults) {
      Promise.resolve()
        .then(() => void onResults(shown, status))
        .catch(report);
    }
    return freeze({ results, loadedAll: !next });
  };

  const load = (count) => {
    const mine = query;
    isLoading = true;
    show("searching");
    const page = async () => {
      const data = { ...mine, limit: count - results.length, after: next };
      const found = await request(data);
      if (mine !== query) return last;
      results = freeze([...results, ...found.results]);
      next = found.next;
      // The server examines a bounded number of conversations for a page.
      if (next && results.length < count) return page();
      isLoading = false;
      return show(next ? "canLoadMore" : "loadedAll");
    };
    last = page();
    last.catch(() => {
      if (mine === query) isLoading = false;
    });
    return last;
  };

  return {
    setQuery(text, filters) {
      query = { query: text, filters };
      results = freeze([]);
      next = undefined;
      return load(3);
    },
    // The server checks the limit.
    loadMore: (limit = 10) => (isLoading || !next ? last : load(results.length + limit)),
  };
};

/** Adds the methods that search to a session. `__request` requests a page. */
export const addSearches = (session) => {
  ["Messages", "Conversations"].forEach((kind, index) => {
    session[`search${kind}`] = (onResults) => {
      if (onResults !== undefined && typeof onResults !== "function") {
        const message = "onResults: must be a function";
        throw asTypeError({ message, code: "invalid_argument", retryable: false, field: "onResults" });
      }
      return search((data) => session.__request(index + 1, data), onResults);
    };
  });
};
