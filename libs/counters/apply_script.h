// The Lua script by which a page of increments reaches Redis. Included by
// redis.cc alone.
//
// What it does: applies the page (from, to] to one hash, if and only if the
// hash's fence equals `from`; answers the fence as it is afterwards.
//
//   KEYS[1]   the hash: counters, and the fence in the field `_fence`
//   ARGV[1]   from: the point of the journal at which the page begins
//             (exclusive): position, colon, hash of the event there; "0" before
//             the first
//   ARGV[2]   to: the point at which it ends (inclusive)
//   ARGV[3…]  name, change, name, change, …: whole numbers in decimal; no name
//             twice, at most 3,500 names
//
// Why it is atomic against other projectors: Redis runs one script at a time.
//
// Why there is exactly one HSET, and why it writes absolute values: the
// append-only file does not log the script but its effects. Several writes
// become MULTI … EXEC; a file torn by a crash can end in the middle of that
// block, and the next start then replays half of it, or replays it twice once
// more is appended behind the dangling MULTI. One HSET is one record: it is
// there whole or not at all, fence and counters together. An absolute value may
// be replayed any number of times and stays the same; HINCRBY would not.
//
// Why the fence is compared and stored as text: it stays exact beyond 2^53, is
// printed one way only, and holds the hash by which histories are told apart.
// Why "%.0f": Lua's numbers are doubles, exact up to 2^53, and tostring() would
// round to 14 digits.
//
// Why 3,500: unpack() bears about 8,000 values, and the HSET needs two a name.
//
// To debug: `redis-cli --ldb --eval apply.lua key , from to name change`.
#pragma once

namespace seawall::counters {

inline constexpr char kFenceField[] = "_fence";

inline constexpr char kApplyScript[] = R"lua(
local key, from, to = KEYS[1], ARGV[1], ARGV[2]
local fence = redis.call('HGET', key, '_fence') or '0'
if fence ~= from then return fence end

local names = {}
for i = 3, #ARGV, 2 do names[#names + 1] = ARGV[i] end
local old = {}
if #names > 0 then old = redis.call('HMGET', key, unpack(names)) end

local set = {'HSET', key, '_fence', to}
for i, name in ipairs(names) do
  local value = tonumber(old[i] or '0') + tonumber(ARGV[2 * i + 2])
  set[#set + 1] = name
  set[#set + 1] = string.format('%.0f', value)
end
redis.call(unpack(set))
return to
)lua";

}  // namespace seawall::counters
