// Uploads: files of each kind, sent in a message and downloaded; progress, signals and refusals.

/** A complete PNG of 3 × 2 pixels. */
const png = () => {
  const canvas = new OffscreenCanvas(3, 2);
  canvas.getContext("2d").fillRect(0, 0, 3, 2);
  return canvas.convertToBlob({ type: "image/png" });
};
const webm = () => new Blob([new Uint8Array([0x1a, 0x45, 0xdf, 0xa3, ...new Array(60).fill(1)])]);
const as = (blob, type) => new Blob([blob], { type });

/** Sends a file, and returns the block of the message. */
const send = async (conversation, fileToken) => {
  const message = await conversation.send({ content: [{ type: "file", fileToken }] });
  const { content, plaintext } = await message.get();
  return { block: content[0], plaintext };
};

export const cases = {
  async image_is_uploaded_sent_and_displayed(t) {
    const {
      sessions: [ada],
      refs: [conversation],
    } = await t.chat("ada");
    const data = await png();
    const token = await ada.uploadImage(data, { filename: "cat.png", width: 1, height: 1 });
    const { block, plaintext } = await send(conversation, token);
    const { url, ...rest } = block;
    t.same(rest, {
      type: "file",
      subtype: "image",
      fileToken: token,
      size: data.size,
      filename: "cat.png",
      width: 3,
      height: 2,
    });
    t.is(plaintext, "cat.png");
    t.ok(Object.isFrozen(block), "the block is frozen");
    // In a page of another origin, as here.
    const image = new Image();
    image.src = url;
    await image.decode();
    t.same([image.naturalWidth, image.naturalHeight], [3, 2], "the size of the displayed image");
    const downloaded = await fetch(url).then((response) => response.arrayBuffer());
    t.same([...new Uint8Array(downloaded)], [...new Uint8Array(await data.arrayBuffer())], "the bytes");
  },

  async each_method_makes_its_kind_of_file(t) {
    const {
      sessions: [ada],
      refs: [conversation],
    } = await t.chat("ada");
    /** @type {[string, Blob, object, string | undefined][]} */
    const kinds = [
      ["uploadFile", new Blob(["text"], { type: "text/plain" }), { filename: "a.txt" }, undefined],
      [
        "uploadVideo",
        as(webm(), "video/webm"),
        { filename: "a.webm", width: 4, height: 3, duration: 2.5 },
        "video",
      ],
      ["uploadAudio", as(webm(), "audio/webm"), { filename: "b.webm", duration: 1 }, "audio"],
      ["uploadVoice", as(webm(), "audio/webm;codecs=opus"), { filename: "c.webm", duration: 0 }, "voice"],
    ];
    for (const [method, data, metadata, subtype] of kinds) {
      const { block } = await send(conversation, await ada[method](data, metadata));
      const { type, subtype: kind, fileToken, url, size, ...rest } = block;
      t.same([type, kind, size, typeof fileToken], ["file", subtype, data.size, "string"], method);
      t.ok(url.startsWith("http"), `${method}: ${url}`);
      const sorted = (object) => Object.entries(object).sort();
      t.same(sorted(rest), sorted(metadata), method);
    }
  },

  async refused_uploads_reject_with_their_field(t) {
    const {
      sessions: [ada],
    } = await t.chat("ada");
    const text = new Blob(["text"], { type: "text/plain" });
    const fails = async (promise, code, field, label) => {
      const error = await t.rejectsWith(promise, code, label);
      t.is(error.field, field, `field of "${error.message}", ${label}`);
      t.is(error.retryable, false, label);
      t.ok(error.name === "CauserieError" && error instanceof Error, label);
    };
    const file = { filename: "a" };
    await fails(ada.uploadImage(text, file), "invalid_argument", "contentType", "text as an image");
    await fails(ada.uploadFile(new Blob([]), file), "invalid_argument", "size", "an empty file");
    await fails(ada.uploadFile(text, { filename: "a/b" }), "invalid_argument", "filename", "a folder");
    await fails(ada.uploadFile(text, {}), "invalid_argument", "filename", "no name");
    await fails(ada.uploadFile("text", file), "invalid_argument", "size", "a string");
    await fails(ada.uploadFile(undefined, file), "invalid_argument", "size", "nothing");
    await fails(ada.uploadFile(text), "invalid_argument", "filename", "no metadata");
    const cyclic = { filename: "a" };
    cyclic.self = cyclic;
    await fails(ada.uploadFile(text, cyclic), "invalid_argument", "metadata", "a cycle");
    const large = { size: 4 << 28, type: "text/plain" };
    await fails(ada.uploadFile(large, file), "too_large", "size", "a file over the limit");
    // The server finds this when the bytes come.
    const disguised = as(new Blob(["<html>".repeat(9)]), "image/png");
    await fails(ada.uploadImage(disguised, file), "invalid_argument", "data", "HTML as an image");
  },

  async progress_is_reported_until_the_end(t) {
    const {
      sessions: [ada],
      refs: [conversation],
    } = await t.chat("ada");
    const data = new Blob([new Uint8Array(2_000_000)]);
    const reports = [];
    const onProgress = (...report) => reports.push(report);
    const token = await ada.uploadFile(data, { filename: "zeros.bin" }, { onProgress });
    t.same(reports.at(-1), [2_000_000, 2_000_000], "the last report");
    t.ok(
      reports.every(([sent, all], index) => all === 2_000_000 && sent >= (reports[index - 1]?.[0] ?? 0)),
      "the reports count up",
    );
    t.is((await send(conversation, token)).block.size, 2_000_000);
    const refused = ada.uploadImage(as(data, "image/png"), { filename: "zeros.png" }, { onProgress });
    t.is((await t.rejectsWith(refused, "invalid_argument")).field, "data");
  },

  async signal_ends_an_upload_with_its_reason(t) {
    const {
      sessions: [ada],
    } = await t.chat("ada");
    const data = new Blob([new Uint8Array(2_000_000)]);
    const reason = new Error("the user changed their mind");
    const aborted = AbortSignal.abort(reason);
    t.is(await t.rejects(ada.uploadFile(data, { filename: "a" }, { signal: aborted })), reason);
    for (const progress of [false, true]) {
      const controller = new AbortController();
      const options = { signal: controller.signal };
      if (progress) options.onProgress = () => controller.abort(reason);
      const upload = ada.uploadFile(data, { filename: "b" }, options);
      if (!progress) controller.abort(reason);
      t.is(await t.rejects(upload), reason, `with progress: ${progress}`);
    }
  },
};
