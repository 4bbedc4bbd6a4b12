// A client of Seawall in Node, written against the proto files alone. Copy it into your own system and keep what you
// need: it is one connection with mutual TLS, calls with a deadline, the bulk stream, and errors with their details.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const PROTOS = path.join(__dirname, '..', '..', 'protos');
const FILES = [
  'seawall/referrals/v1/referrals.proto',
  'seawall/common/v1/figures.proto',
  'seawall/common/v1/operations.proto',
  'google/rpc/error_details.proto',
];
// Field names as in the protos, int64 as text (JavaScript's numbers are too small for it), enums by name.
const definition = protoLoader.loadSync(FILES, {
  includeDirs: [PROTOS], keepCase: true, longs: String, enums: String, defaults: true, oneofs: true,
});
const packages = grpc.loadPackageDefinition(definition).seawall;

// The typed details of an error, from the trailer `grpc-status-details-bin` (a google.rpc.Status).
function detailsOf(error) {
  const [bytes] = error.metadata ? error.metadata.get('grpc-status-details-bin') : [];
  return bytes ? detailsOfStatus(definition['google.rpc.Status'].deserialize(bytes)) : {};
}

// The same of a google.rpc.Status that came inside an answer of the bulk stream.
function detailsOfStatus(status) {
  const found = {code: status.code, message: status.message, fields: []};
  for (const detail of status.details) {
    const name = detail.type_url.split('/').pop();
    const message = definition[name].deserialize(detail.value);
    if (name === 'google.rpc.ErrorInfo') found.reason = message.reason;
    if (name === 'google.rpc.BadRequest') found.fields = message.field_violations;
    if (name === 'google.rpc.RetryInfo') found.retry_after = message.retry_delay;
  }
  return found;
}

class Seawall {
  // `certificate`, `key`, `ca`: file names. `person`: who acts, as your own system names them ("p-1041/social-worker").
  constructor({address, certificate, key, ca, person, area}) {
    const credentials = grpc.credentials.createSsl(
        fs.readFileSync(ca), key && fs.readFileSync(key), certificate && fs.readFileSync(certificate));
    this.area = area || 'blackpool';
    this.person = person;
    this.referrals = new packages.referrals.v1.ReferralsService(address, credentials);
    this.figures = new packages.common.v1.FiguresService(address, credentials, {channelOverride: this.referrals.getChannel()});
    this.operations = new packages.common.v1.OperationsService(address, credentials, {channelOverride: this.referrals.getChannel()});
  }

  // call(client.referrals, 'SubmitContact', {…}): the answer, or an error with `reason`, `fields` and `code`.
  call(service, method, request) {
    return new Promise((resolve, reject) => {
      service[method]({area: this.area, ...request}, this.metadata(), {deadline: Date.now() + 10000},
          (error, answer) => error ? reject(Object.assign(error, detailsOf(error))) : resolve(answer));
    });
  }

  submit(requestId, form) {
    return this.call(this.referrals, 'SubmitContact', {request_id: requestId, form});
  }

  // Pushes [{request_id, form}, …] over one stream and resolves to the answers, in order. If the stream breaks, push
  // the same list again: what was stored is answered again, not stored again.
  submitMany(items) {
    return new Promise((resolve, reject) => {
      const stream = this.referrals.SubmitContacts(this.metadata());
      const answers = [];
      stream.on('data', (answer) => answers.push(answer));
      stream.on('error', (error) => reject(Object.assign(error, detailsOf(error))));
      stream.on('end', () => resolve(answers));
      this.writeAll(stream, items).catch(reject);
    });
  }

  // Waits when the server does not read on: it holds at most 64 unanswered items of a stream.
  async writeAll(stream, items) {
    for (const item of items) {
      if (!stream.write({contact: {area: this.area, ...item}})) {
        await new Promise((resolve) => stream.once('drain', resolve));
      }
    }
    stream.end();
  }

  // The contact as its referrer sees it. A purpose is needed to look at any child's record, and is logged.
  async myContact(contactId) {
    const purpose = {purpose: 'safeguarding', lawful_basis: 'public_task'};
    return (await this.call(this.referrals, 'GetMyContact', {contact_id: contactId, purpose})).contact;
  }

  metadata() {
    const metadata = new grpc.Metadata();
    if (this.person) metadata.set('seawall-person', this.person);
    return metadata;
  }

  close() { this.referrals.close(); }
}

// Where the server is and who we are, from the environment; `./seawall up` says the same on the screen.
function fromEnvironment(name, more = {}) {
  const pki = process.env.SEAWALL_PKI || path.join(__dirname, '..', '..', '.seawall', 'pki');
  return new Seawall({
    address: process.env.SEAWALL_ADDRESS,
    certificate: path.join(pki, `${name}.crt`), key: path.join(pki, `${name}.key`), ca: path.join(pki, 'ca.crt'),
    ...more,
  });
}

module.exports = {Seawall, detailsOf, detailsOfStatus, fromEnvironment, grpc};
