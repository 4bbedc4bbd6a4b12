-- What happened on a child's way, one row a step; never changed but to say that
-- it is void. Codes, ids and days; what was said lies sealed.
-- subject_id: a contact or an episode. flags: words separated by blanks.
create table steps (
  area text not null,
  subject_id text not null,
  number bigint not null,
  kind text not null,
  thing_id text not null,
  about text not null,
  happened_time bigint not null,
  recorded_time bigint not null,
  position bigint not null,
  void_position bigint not null,
  agency text not null,
  recorded_by text not null,
  team text not null,
  outcome text not null,
  codes text not null,
  level bigint not null,
  voice text not null,
  flags text not null,
  sealed text not null,
  primary key (area, subject_id, number)
) /*clustered*/;

-- Clocks that run, as the steps say: the worklist of what is due. agencies:
-- those that may see it, each between blanks.
create table clocks (
  area text not null,
  due_time bigint not null,
  subject_id text not null,
  clock text not null,
  thing_id text not null,
  started_time bigint not null,
  agencies text not null,
  primary key (area, due_time, subject_id, clock, thing_id, started_time)
) /*clustered*/;
create index clocks_by_subject on clocks (area, subject_id);

-- Changes with every step; give it back with a change.
alter table episodes add column version bigint not null default 1;
