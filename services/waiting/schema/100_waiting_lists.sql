-- A child referred to a service by one provider. What names the child lies
-- sealed. flags: words separated by blanks.
create table referrals (
  area text not null,
  referral_id text not null,
  provider text not null,
  service text not null,
  reference text not null,
  flags text not null,
  registered_time bigint not null,
  position bigint not null,
  sealed text not null,
  primary key (area, referral_id)
) /*clustered*/;

-- Referrals by what a child is found by: keyed hashes of the NHS number, and of
-- each name with the birth date. Equal keys are a reason to compare two
-- children, and no proof. A table of its own: SQLite would rather read an area
-- of referrals than look in an index of them. By provider: however many one has
-- under a key, those of the others are found.
create table child_referrals (
  area text not null,
  child_key text not null,
  provider text not null,
  referral_id text not null,
  primary key (area, child_key, provider, referral_id)
) /*clustered*/;
create index child_referrals_by_referral on child_referrals (area, referral_id);

-- Pairs of referrals that a person may say to be of the same child, or not;
-- referral_id is the lesser. provider: of both, empty where they are of two;
-- those are the hub's to see. agrees, differs: words separated by blanks.
create table same_child_candidates (
  area text not null,
  referral_id text not null,
  other_id text not null,
  provider text not null,
  agrees text not null,
  differs text not null,
  primary key (area, referral_id, other_id)
) /*clustered*/;
create index same_child_candidates_by_other on same_child_candidates
  (area, other_id);
create index same_child_candidates_by_provider on same_child_candidates
  (area, provider, referral_id, other_id);

-- Referrals that ask for a transfer from another provider's. from_id: the
-- referral named, where that is an id of ours, whether it is there or not.
-- answer: GIVEN, REFUSED; empty while it is open.
create table transfers (
  area text not null,
  referral_id text not null,
  from_id text not null,
  asked_date text not null,
  answer text not null,
  primary key (area, referral_id)
) /*clustered*/;
create index transfers_by_from on transfers (area, from_id);
create index transfers_open on transfers (area, referral_id)
  where answer = '';

-- The names that a provider has for a referral; one spell may have several.
create table referral_references (
  area text not null,
  provider text not null,
  service text not null,
  reference text not null,
  referral_id text not null,
  primary key (area, provider, service, reference)
) /*clustered*/;

-- What happened, one row an event; never changed but to say that it is void.
-- sealed: what was said, word for word.
create table events (
  area text not null,
  referral_id text not null,
  number bigint not null,
  event_id text not null,
  kind text not null,
  happened_time bigint not null,
  recorded_time bigint not null,
  position bigint not null,
  void_position bigint not null,
  recorded_by text not null,
  attendance text not null,
  outcome text not null,
  code text not null,
  from_date text not null,
  until_date text not null,
  likelihood bigint not null,
  impact bigint not null,
  corrects bigint not null,
  sealed text not null,
  primary key (area, referral_id, number)
) /*clustered*/;
-- What concerns the child's referrals elsewhere: few of many.
create index events_of_child on events (area, referral_id, number)
  where (outcome = 'DIED'
    or kind in ('CHILD_DIED', 'SAME_CHILD', 'NOT_SAME_CHILD'));

-- What the events did to the lists: a wait that is so from this journal
-- position on (changed_by 1), or is so no longer (-1). Sums over them are the
-- lists of any day, as known at any position. Only ever added to.
create table movements (
  area text not null,
  position bigint not null,
  number bigint not null,
  referral_id text not null,
  service text not null,
  clock text not null,
  joined_date text not null,
  start_date text not null,
  left_date text not null,
  outcome text not null,
  changed_by bigint not null,
  primary key (area, position, number)
) /*clustered*/;
create index movements_by_referral on movements (area, referral_id);

-- Who waits now, for the worklist: one row an open wait.
create table waiting (
  area text not null,
  service text not null,
  referral_id text not null,
  provider text not null,
  clock text not null,
  start_date text not null,
  primary key (area, service, referral_id)
) /*clustered*/;
create index waiting_by_referral on waiting (area, referral_id);
