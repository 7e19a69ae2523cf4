'use strict';
const fs = require('fs');
let counter = 0, other;
var old = 1;

function check(name, { deep } = {}) {
  const local = 1;
  function nested() { return local; }
  return nested() || fs.readFile(name);
}

async function* generate() { yield* check(1); }

const arrow = async (x) => x + 1;
const classic = function named() { return new Store(1); };

class Store extends Base {
  static #hidden = 1;
  field = 2;
  constructor(n) { super(n); this.n = n; }
  get size() { return this.n; }
  async *each() { this.walk(); }
  #secret() { return 1; }
  static make() { return new ns.Store(2); }
}

module.exports = { check, go() { return 1; }, run: function () { return 2; }, fn: (a) => a };
exports.late = function (x) { return check(x); };
Store.prototype.more = function () { return `${check(this)}`; };
export default class Other {}
export const A = 1;
const view = <Panel title="x"><div>{check(1)}</div></Panel>;
