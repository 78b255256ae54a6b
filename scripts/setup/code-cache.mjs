// What `node --build-snapshot` writes, as far as it is needed to leave out one part. Source: ToBlob() in node's src/node_snapshotable.cc.

/** Of the machine's own order and without padding; text and lists begin with their length. */
class Fields {
  at = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  skip(bytes) {
    this.at += bytes;
  }

  word() {
    this.skip(4);
    return this.view.getUint32(this.at - 4, true);
  }

  size() {
    this.skip(8);
    return Number(this.view.getBigUint64(this.at - 8, true));
  }

  text() {
    this.skip(this.size());
  }

  list(one) {
    for (let left = this.size(); left > 0; left--) one();
  }

  indices(count) {
    this.skip(8 * count);
  }
}

/**
 * The same snapshot without the compiled code of node's own modules that are not loaded in it, which each start reads and copies: 3.6 MB. Functions that
 * are in the heap keep their code.
 * @param {Uint8Array} blob
 * @returns {Uint8Array}
 * @throws {Error} where the format is another one
 */
export function withoutCodeCache(blob) {
  const fields = new Fields(blob);
  const index = () => fields.indices(1);
  const property = () => {
    fields.text();
    fields.skip(4);
    index();
  };
  try {
    // magic, kind; versions of node, processor, system; flags; what V8 wrote
    fields.skip(5);
    for (let i = 0; i < 3; i++) fields.text();
    fields.skip(4);
    fields.skip(fields.word());
    // isolate_data_info
    fields.list(index);
    fields.list(property);
    // env_info: async_hooks with one list; nine more up to should_abort_on_uncaught_toggle; principal_realm
    fields.indices(4);
    fields.list(index);
    fields.indices(9);
    fields.list(() => fields.text());
    fields.list(property);
    fields.list(property);
    index();
    const end = fields.at;
    fields.list(() => {
      fields.text();
      fields.text();
    });
    if (fields.at !== blob.length) throw new RangeError(`${blob.length - fields.at} bytes are left`);
    const cut = blob.slice(0, end + 8);
    cut.fill(0, end);
    return cut;
  } catch (cause) {
    throw new Error(
      'The snapshot of the command line has another layout than that of node 24: adapt scripts/setup/code-cache.mjs to this node',
      { cause },
    );
  }
}
