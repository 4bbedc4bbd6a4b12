// An independent client against a running Seawall: what the protos promise, seen by a program that shares no code with
// the server. Needs SEAWALL_ADDRESS and SEAWALL_PKI; tools/with_stack.sh starts a stack and gives both.
'use strict';

const assert = require('node:assert/strict');
const {randomUUID} = require('node:crypto');
const path = require('node:path');
const {form} = require('./forms.js');
const {Seawall, detailsOf, detailsOfStatus, fromEnvironment, grpc} = require('./seawall.js');

const school = fromEnvironment('school-push-referrer');
const hospital = fromEnvironment('hospital-push-referrer');
const ops = fromEnvironment('ops-console-ops');
const tests = [];
const test = (name, body) => tests.push({name, body});

// The error of a call that must be refused.
async function refusal(promise) {
  const answer = await promise.then((value) => ({value}), (error) => ({error}));
  assert.ok(answer.error, `was not refused: ${JSON.stringify(answer.value)}`);
  return answer.error;
}

// The day so many days from now, in UTC. Locales and time zones are other ones in another Node; ISO is ISO.
function day(offset) {
  return new Date(Date.now() + offset * 24 * 3600 * 1000).toISOString().slice(0, 10);
}

// Yesterday to tomorrow: today is among them wherever one is, and at midnight too.
async function contactsOfLate() {
  const {figures} = await ops.call(ops.figures, 'GetFigures',
      {measures: ['contacts'], start_date: day(-1), end_date: day(1), source: 'FIGURE_SOURCE_RECORDS'});
  return Number(figures.find((figure) => !figure.group).numerator);
}

test('a contact is stored, judged and due', async () => {
  const before = await contactsOfLate();
  const {receipts} = await school.submit(randomUUID(), form());
  assert.equal(receipts.length, 1);
  assert.match(receipts[0].contact_id, /./);
  assert.ok(Number(receipts[0].decision_due_time.seconds) > Date.now() / 1000);
  assert.ok(receipts[0].quality.score > 0 && receipts[0].quality.score <= receipts[0].quality.maximum);
  assert.equal(await contactsOfLate(), before + 1);
});

test('a repeated request id gets the first answer and stores nothing', async () => {
  const id = randomUUID();
  const contact = form();
  const first = await school.submit(id, contact);
  const stored = await contactsOfLate();
  assert.deepEqual(await school.submit(id, contact), first);
  assert.equal(await contactsOfLate(), stored);
});

test('a request id with other content is refused with a typed reason', async () => {
  const id = randomUUID();
  await school.submit(id, form(1));
  const error = await refusal(school.submit(id, form(2)));
  assert.equal(error.code, grpc.status.INVALID_ARGUMENT);
  assert.equal(error.reason, 'REQUEST_ID_REUSED');
});

test('the referrer reads back what it pushed', async () => {
  const {receipts: [receipt]} = await school.submit(randomUUID(), form(7));
  const mine = await school.myContact(receipt.contact_id);
  assert.equal(mine.state, 'STATE_AWAITING_SCREENING');
  assert.equal(mine.form.children[0].given_name, 'Test-Child7');
  assert.equal(mine.form.children[0].voice.kind, 'VOICE_KIND_OWN_WORDS');
});

test('another agency does not learn that the contact exists', async () => {
  const {receipts: [receipt]} = await school.submit(randomUUID(), form());
  const error = await refusal(hospital.myContact(receipt.contact_id));
  assert.equal(error.code, grpc.status.NOT_FOUND);
  assert.equal(error.reason, 'CONTACT_NOT_FOUND');
});

test('a record is not shown without a purpose', async () => {
  const {receipts: [receipt]} = await school.submit(randomUUID(), form());
  const error = await refusal(school.call(school.referrals, 'GetMyContact', {contact_id: receipt.contact_id}));
  assert.equal(error.reason, 'PURPOSE_REQUIRED');
});

test('a wrong detail is kept and warned about with its path', async () => {
  const contact = form();
  contact.children[0].nhs_number = '9434765918';
  const {receipts, warnings} = await school.submit(randomUUID(), contact);
  assert.equal(receipts.length, 1);
  assert.ok(warnings.some((warning) => warning.field.endsWith('nhs_number')), JSON.stringify(warnings));
});

test('an empty form is refused, with the reason in the details', async () => {
  const error = await refusal(school.submit(randomUUID(), {}));
  assert.equal(error.code, grpc.status.INVALID_ARGUMENT);
  assert.equal(error.reason, 'NOTHING_TO_ACT_ON');
  assert.ok(error.message.length > 10);
});

test('an agency cannot write as another, and is told the field', async () => {
  const contact = form();
  contact.referrer.agency = 'hospital';
  const error = await refusal(school.submit(randomUUID(), contact));
  assert.equal(error.code, grpc.status.PERMISSION_DENIED);
  assert.equal(error.reason, 'WRITES_AS_OTHER');
  assert.ok(error.fields.some((field) => field.field.endsWith('referrer.agency')), JSON.stringify(error.fields));
});

test('fifty contacts go through the stream, answered in order, a bad one among them', async () => {
  const items = Array.from({length: 50}, (_, i) => ({request_id: randomUUID(), form: i === 20 ? {} : form(i)}));
  const before = await contactsOfLate();
  const answers = await school.submitMany(items);
  assert.deepEqual(answers.map((answer) => answer.request_id), items.map((item) => item.request_id));
  assert.equal(detailsOfStatus(answers[20].error).reason, 'NOTHING_TO_ACT_ON');
  assert.equal(answers.filter((answer) => answer.response).length, 49);
  assert.equal(await contactsOfLate(), before + 49);
  // The stream broke, the sender cannot know: it pushes the same list again.
  const again = await school.submitMany(items);
  assert.deepEqual(again.filter((answer) => answer.response), answers.filter((answer) => answer.response));
  assert.equal(await contactsOfLate(), before + 49);
});

test('a referrer may not ask for figures', async () => {
  const error = await refusal(school.call(school.figures, 'GetFigures', {measures: ['contacts']}));
  assert.equal(error.code, grpc.status.PERMISSION_DENIED);
  assert.equal(error.reason, 'ROLE_NOT_ALLOWED');
});

test('bytes that are no message are refused as malformed', async () => {
  const bytes = (value) => value;
  const error = await refusal(new Promise((resolve, reject) => school.referrals.makeUnaryRequest(
      '/seawall.referrals.v1.ReferralsService/SubmitContact', bytes, bytes, Buffer.from([0xff, 0xff, 0xff]),
      (failure, answer) => failure ? reject(Object.assign(failure, detailsOf(failure))) : resolve(answer))));
  assert.equal(error.code, grpc.status.INVALID_ARGUMENT);
  assert.equal(error.reason, 'MALFORMED');
});

test('without a certificate there is no connection', async () => {
  const stranger = new Seawall({address: process.env.SEAWALL_ADDRESS, ca: path.join(process.env.SEAWALL_PKI, 'ca.crt')});
  const error = await refusal(stranger.submit(randomUUID(), form()));
  assert.ok([grpc.status.UNAVAILABLE, grpc.status.DEADLINE_EXCEEDED].includes(error.code), String(error));
  stranger.close();
});

test('the server says who it takes us to be', async () => {
  const me = await school.call(school.operations, 'WhoAmI', {});
  assert.deepEqual([me.agency, me.system, me.role, me.service], ['school', 'push', 'ROLE_REFERRER', 'referrals']);
});

async function main() {
  let failed = 0;
  for (const {name, body} of tests) {
    try {
      await body();
      console.log(`ok      ${name}`);
    } catch (error) {
      failed++;
      console.log(`FAILED  ${name}\n${error.stack}`);
    }
  }
  for (const client of [school, hospital, ops]) client.close();
  console.log(`${tests.length - failed} of ${tests.length} passed`);
  process.exit(failed ? 1 : 0);
}

main();
