-- Something that changes what a service can do, on the time line of its list.
create table capacity_events (
  area text not null,
  position bigint not null,
  service text not null,
  provider text not null,
  kind text not null,
  from_date text not null,
  until_date text not null,
  appointments_per_week bigint not null,
  primary key (area, position)
) /*clustered*/;

-- Forecasts: what was asked, by which agency, and what came of it (empty until it is made), both
-- as JSON of the contract's messages. Kept, so that they can be back-tested.
create table forecasts (
  area text not null,
  forecast_id text not null,
  service text not null,
  agency text not null,
  position bigint not null,
  asked text not null,
  made text not null,
  primary key (area, forecast_id)
) /*clustered*/;
create index forecasts_by_service on forecasts (area, service, position);
create index forecasts_pending on forecasts (area, agency, position)
  where made = '';
