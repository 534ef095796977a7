// A REST client with the habits of PHP's: empty arrays for empty objects, empty strings and nulls for values
// that are not set, a slash at the end of each path, and calls without a body.

/** Encodes a value as PHP's `json_encode` does an array that may be empty: `{}` becomes `[]`. */
const encode = (value) =>
  JSON.stringify(value, (_, inner) =>
    inner && typeof inner === "object" && Object.keys(inner).length === 0 ? [] : inner,
  );

export const restClient = ({ api, secret }) => {
  const request = async (method, path, { query = {}, body } = {}) => {
    const search = new URLSearchParams(query).toString();
    const response = await fetch(
      `${api}/${path.map(encodeURIComponent).join("/")}/${search && `?${search}`}`,
      {
        method,
        headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
        body: body && encode(body),
      },
    );
    const answer = await response.json();
    if (!response.ok) throw Object.assign(new Error(answer.error.message), { status: response.status });
    return answer;
  };
  return {
    users: {
      createOrUpdate: (id, data) => request("PUT", ["users", id], { body: data }),
      get: (id) => request("GET", ["users", id]),
      getConversations: (id, query) => request("GET", ["users", id, "conversations"], { query }),
    },
    conversations: {
      createOrUpdate: (id, data) => request("PUT", ["conversations", id], { body: data }),
      get: (id) => request("GET", ["conversations", id]),
      join: (id, user, data) => request("PUT", ["conversations", id, "participants", user], { body: data }),
      updateParticipation: (id, user, data) =>
        request("PATCH", ["conversations", id, "participants", user], { body: data }),
      leave: (id, user) => request("DELETE", ["conversations", id, "participants", user]),
      delete: (id) => request("DELETE", ["conversations", id]),
    },
    messages: {
      post: (id, messages) => request("POST", ["conversations", id, "messages"], { body: messages }),
      list: (id, query) => request("GET", ["conversations", id, "messages"], { query }),
      get: (id, message) => request("GET", ["conversations", id, "messages", message]),
      edit: (id, message, data) => request("PUT", ["conversations", id, "messages", message], { body: data }),
      delete: (id, message) => request("DELETE", ["conversations", id, "messages", message]),
    },
  };
};
