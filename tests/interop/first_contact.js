// Pushes one invented contact and reads it back: the example of docs/integrate.md.
//
//   SEAWALL_ADDRESS=127.0.0.1:… node first_contact.js [certificate]     default: school-push-referrer
'use strict';

const {randomUUID} = require('node:crypto');
const {form} = require('./forms.js');
const {fromEnvironment} = require('./seawall.js');

async function main() {
  const client = fromEnvironment(process.argv[2] || 'school-push-referrer');
  // Made before the first try and kept with the record in your own system: a retry with the same id is never a second contact.
  const answer = await client.submit(randomUUID(), form());
  const [receipt] = answer.receipts;
  console.log(`stored as ${receipt.contact_id}`);
  console.log(`quality ${receipt.quality.score} of ${receipt.quality.maximum}` +
      (receipt.quality.failed_criteria.length ? `, missing: ${receipt.quality.failed_criteria.join(', ')}` : ''));
  console.log(`decision due ${new Date(receipt.decision_due_time.seconds * 1000).toISOString()}`);
  for (const warning of answer.warnings) console.log(`warning: ${warning.field}: ${warning.description} (${warning.reason})`);
  const mine = await client.myContact(receipt.contact_id);
  console.log(`read back: ${mine.form.children[0].given_name}, ${mine.state}`);
  client.close();
}

main().catch((error) => {
  console.error(`refused: ${error.reason || error.code}: ${error.message}`);
  for (const field of error.fields || []) console.error(`  ${field.field}: ${field.description}`);
  process.exit(1);
});
