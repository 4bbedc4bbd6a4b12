-- What the front door keeps of a contact, without anything that identifies a
-- person: codes, states, times. What identifies lies sealed in contact_details.
create table contacts (
  area text not null,
  contact_id text not null,
  version bigint not null,
  state text not null,
  route text not null,
  priority text not null,
  channel text not null,
  agency text not null,
  agency_group text not null,
  recorded_by text not null,
  source text not null,
  need text not null,
  level bigint not null,
  consent text not null,
  under_one bigint not null,
  police bigint not null,
  age_band text not null,
  quality_band text not null,
  quality_score bigint not null,
  quality_maximum bigint not null,
  rubric_version bigint not null,
  failed_criteria text not null,
  received_time bigint not null,
  received_date text not null,
  recorded_time bigint not null,
  position bigint not null,
  due_time bigint not null,
  due_date text not null,
  confirmation_due_date text not null,
  confirmed_time bigint not null,
  acknowledged_time bigint not null,
  -- When the referrer last added to it; 0 = never.
  added_time bigint not null,
  confirmed_position bigint not null,
  decision text not null,
  decided_time bigint not null,
  first_decided_position bigint not null,
  episode_id text not null,
  -- A keyed hash of what it says of the child, all of it: equal says the same.
  identity bigint not null,
  -- What it says, sealed: numbers, names and birth date, brought to one form.
  description text not null,
  -- Its keys: kind:holder:key_hash, and the run that they were written to.
  key_hashes text not null,
  key_run bigint not null,
  primary key (area, contact_id)
) /*clustered*/;
-- Worklists: what is open, by due time.
create index contacts_open on contacts (area, due_time, contact_id)
  where state in ('AWAITING_SCREENING', 'RETURNED');
create index contacts_withdrawn on contacts (area, due_time, contact_id)
  where state in ('WITHDRAWN', 'RECORDED_IN_ERROR');
create index contacts_news on contacts (area, due_time, contact_id)
  where state = 'DECIDED' and added_time > decided_time;
create index contacts_unconfirmed on contacts (area, confirmation_due_date, contact_id)
  where confirmation_due_date <> '' and confirmed_time = 0;
create index contacts_unacknowledged on contacts (area, due_time, contact_id)
  where state = 'DECIDED' and acknowledged_time = 0;

create index contacts_by_episode on contacts (area, episode_id)
  where episode_id <> '';

-- Not clustered: SQLite would give each of these long rows a page of its own
-- beside the tree, which is written and synced with every contact.
create table contact_details (
  area text not null,
  contact_id text not null,
  sealed text not null,
  primary key (area, contact_id)
);

-- What a child can be found by: NHS number, UPN, names and birth date, address;
-- of the child, its household or its address. key_hash is the beginning of a
-- keyed hash. identity: that of the contact where the key is the child's own,
-- else 0. number: the key_hash of the child's first number, 0 without one.
-- said: 1 where same_child has something of the contact. Keys of contacts that came one after another are in the same run, so
-- that intake writes to a small part of the tree however large it is; full runs
-- are merged into larger ones, and a look-up goes through all (runs.h).
create table contact_keys (
  area text not null,
  run bigint not null,
  key_hash bigint not null,
  contact_id text not null,
  identity bigint not null,
  number bigint not null,
  received_time bigint not null,
  police bigint not null,
  said bigint not null,
  primary key (area, run, key_hash, number, contact_id)
) /*clustered*/;

-- How far the runs of each level were merged: groups of them that were, and the
-- hash up to which the keys of the next group were moved (the least number =
-- none). A level that has no row was not merged yet.
create table contact_key_levels (
  area text not null,
  level bigint not null,
  merged bigint not null,
  moved_hash bigint not null,
  primary key (area, level)
) /*clustered*/;

-- Every decision and every correction of one; the newest counts.
create table decisions (
  area text not null,
  contact_id text not null,
  number bigint not null,
  decision text not null,
  decided_by text not null,
  decided_time bigint not null,
  decided_date text not null,
  in_time bigint not null,
  recorded_time bigint not null,
  position bigint not null,
  episode_id text not null,
  sealed text not null,
  primary key (area, contact_id, number)
) /*clustered*/;
create index decisions_by_position on decisions (area, position);

-- Questions to the referrer, answers, written confirmations, acknowledgements,
-- additions, withdrawals and their taking back: what joined a contact later.
-- kind: RETURN, ANSWER, CONFIRMATION, ACKNOWLEDGEMENT, ADDITION, WITHDRAWN,
-- RECORDED_IN_ERROR, REINSTATED.
create table contact_notes (
  area text not null,
  contact_id text not null,
  number bigint not null,
  kind text not null,
  noted_time bigint not null,
  position bigint not null,
  sealed text not null,
  primary key (area, contact_id, number)
) /*clustered*/;

-- When a contact was not counted: from one journal position to the other, which
-- is 0 while it is withdrawn. state_before: what it comes back to.
create table withdrawals (
  area text not null,
  contact_id text not null,
  position bigint not null,
  state_before text not null,
  reinstated_position bigint not null,
  primary key (area, contact_id, position)
) /*clustered*/;

-- A referral and the episode it opened, as it stands now.
create table episodes (
  area text not null,
  episode_id text not null,
  contact_id text not null,
  state text not null,
  referral_date text not null,
  closed_date text not null,
  closure_reason text not null,
  re_referral bigint not null,
  primary key (area, episode_id)
) /*clustered*/;
create index episodes_by_contact on episodes (area, contact_id);

-- How it came to stand so, by journal position. kind: OPENED, CLOSED,
-- WITHDRAWN, MARKED (re-referral or not).
create table episode_facts (
  area text not null,
  episode_id text not null,
  position bigint not null,
  kind text not null,
  fact_date text not null,
  re_referral bigint not null,
  primary key (area, episode_id, position)
) /*clustered*/;
create index episode_facts_by_position on episode_facts (area, position);

-- A person said that two contacts are, or are not, about the same child; both
-- ways round. The newest counts.
create table same_child (
  area text not null,
  contact_id text not null,
  other_contact_id text not null,
  position bigint not null,
  same bigint not null,
  primary key (area, contact_id, other_contact_id, position)
) /*clustered*/;
