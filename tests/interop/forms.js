// Invented forms. Everybody in them is made up and is called Test.
'use strict';

function form(number = 0) {
  return {
    source: '1C',
    channel: 'CHANNEL_SYSTEM',
    raised_time: {seconds: Math.floor(Date.now() / 1000) - 600, nanos: 0},
    referrer: {role: 'teacher', person_name: 'Test-Teacher Example'},
    parents_informed: 'ANSWER_YES',
    safe_to_inform_parents: 'ANSWER_YES',
    immediate_danger: 'ANSWER_NO',
    children: [{
      given_name: `Test-Child${number}`,
      family_name: 'Test-Family',
      date_of_birth: '2016-05-04',
      sex: 'F',
      address: {lines: ['1 Test Street'], postcode: 'FY1 1AA'},
      voice: {kind: 'VOICE_KIND_OWN_WORDS', text: 'I do not like it when they shout.'},
    }],
    household: [{given_name: 'Test-Mother', family_name: 'Test-Family', relationship: 'mother'}],
    concern: {
      text: 'Invented: came to school without breakfast or coat three times this week.',
      primary_need: 'N1',
      level_of_need: 3,
      analysis: 'Invented: basic care is not reliable.',
      history: 'Invented: similar last winter.',
      protective_factors: 'Invented: a grandmother nearby helps.',
      requested_help: 'Invented: a family support worker.',
    },
    consent: {kind: 'CONSENT_KIND_OBTAINED', from_whom: 'mother'},
  };
}

module.exports = {form};
