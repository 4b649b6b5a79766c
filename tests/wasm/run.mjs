// Calls the module as a host does that has no more than WebAssembly: node tests/wasm/run.mjs MODULE.wasm

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'node:test';

const module = new WebAssembly.Module(readFileSync(process.argv[2]));
const fixture = readFileSync(new URL('../../fixtures/Live.CallbackBeforeSendGift.json', import.meta.url), 'utf8');
const gift = (coins) => {
  const packet = JSON.parse(fixture);
  packet.GiftWater.Coins = coins;
  return JSON.stringify(packet);
};

const unsigned = 'SdkAppid=1400000000&CallbackCommand=Live.CallbackBeforeSendGift&contenttype=json';
const signed = (time) => {
  const sign = createHash('sha256').update(`xxxxyyyy${time}`).digest('hex');
  return `${unsigned}&Sign=${sign}&RequestTime=${time}`;
};
const now = Math.floor(Date.now() / 1000);

// A module of its own for each call: what a trap leaves behind is of no further use.
function answer(query, body, call) {
  const { exports } = new WebAssembly.Instance(module, {});
  const write = (room, text) => {
    const bytes = new TextEncoder().encode(text);
    const start = room(bytes.length);
    new Uint8Array(exports.memory.buffer, start, bytes.length).set(bytes);
  };
  write(exports.query, query);
  write(exports.body, body);
  const status = call(exports);
  const bytes = new Uint8Array(exports.memory.buffer, exports.answer_start(), exports.answer_len());
  return [status, new TextDecoder().decode(bytes)];
}
const receive = (query, body) => answer(query, body, (exports) => exports.receive());
const receiveAt = (query, body, time) => answer(query, body, (exports) => exports.receive_at(time));

const allowed = [200, '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}'];
const rejected = [200, '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":1}'];

test('the module asks its host for nothing', () => {
  assert.deepEqual(WebAssembly.Module.imports(module), []);
});

test('without a token no clock is read', () => {
  assert.deepEqual(receive(unsigned, gift(1000)), allowed);
  assert.deepEqual(receive(unsigned, gift(1001)), rejected);
});

test('without a token what is wrong is refused, too', () => {
  assert.equal(receive('SdkAppid=7', gift(1))[0], 403);
  assert.equal(receive('', gift(1))[0], 400);
  assert.equal(receive(unsigned, '{')[0], 400);
});

test('with a token a fresh signature is accepted', () => {
  assert.deepEqual(receiveAt(signed(now), gift(1000), now), allowed);
  assert.deepEqual(receiveAt(signed(now), gift(1001), now), rejected);
});

test('with a token a signature of an hour ago is refused', () => {
  const [status, text] = receiveAt(signed(now - 3600), gift(1), now);
  assert.equal(status, 401);
  assert.match(text, /RequestTime/);
});

test('with a token no signature is refused', () => {
  const [status, text] = receiveAt(unsigned, gift(1), now);
  assert.equal(status, 401);
  assert.match(text, /Sign/);
});

test('with a token a wrong signature is refused', () => {
  const wrong = signed(now).replace(/Sign=./, (start) => (start === 'Sign=0' ? 'Sign=1' : 'Sign=0'));
  assert.equal(receiveAt(wrong, gift(1), now)[0], 401);
});
