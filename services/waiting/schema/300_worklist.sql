-- The worklist's order as a text, so that a page of it is read from an index:
-- expedited, risk, start, referral. PlaceOf() writes it; here, once, for who
-- waits already, by the risk matrix of the day.
alter table waiting add column place text not null default '';
update waiting set place = case when 'FIRST' = (
    select e.code from events e where e.area = waiting.area
      and e.referral_id = waiting.referral_id and e.kind = 'EXPEDITED'
      and e.void_position = 0
    order by e.happened_time desc, e.number desc limit 1)
  then '0/' else '1/' end || coalesce((
    select case when e.likelihood * e.impact >= 15 then '001'
                when e.likelihood * e.impact >= 8 then '002'
                when e.likelihood * e.impact >= 1 then '003'
                else '004' end
    from events e where e.area = waiting.area
      and e.referral_id = waiting.referral_id and e.kind = 'PRIORITISED'
      and e.void_position = 0
    order by e.happened_time desc, e.number desc limit 1), '004')
  || '/' || start_date || '/' || referral_id;
create index waiting_in_order on waiting (area, service, provider, place);
-- Nothing asks for it, and every change of a wait had to write it.
drop index movements_by_referral;
