// What the files of rules share: the slice of the table that each of them
// holds, and the ways in which most rules look at a child's rows.
//
// For this folder only. Pure; any thread.
#pragma once

#include <functional>
#include <span>

#include "libs/census/rules.h"

namespace seawall::census {

// identifiers.cc: the child. referral.cc: the episode. assessment.cc,
// section47.cc: enquiries and conferences. protection.cc: child protection
// plans and reviews. need.cc: CIN plans. proceedings.cc: pre-proceedings.
// whole_return.cc: what is compared across children.
std::span<const Rule> IdentifierRules();
std::span<const Rule> ReferralRules();
std::span<const Rule> AssessmentRules();
std::span<const Rule> Section47Rules();
std::span<const Rule> ProtectionPlanRules();
std::span<const Rule> NeedPlanRules();
std::span<const Rule> ProceedingsRules();
std::span<const Rule> ReturnRules();

// Rows of one table, and what of them a finding names.
struct Side {
  Table table;
  std::vector<Column> columns;
};

using OneRow = std::function<bool(const Row&)>;
using TwoRows = std::function<bool(const Row&, const Row&)>;

// Every row of which `broken` holds, each a finding.
void Each(const ChildRecord& child, const Side& side, Findings& findings,
          const OneRow& broken);
// Every pair of two different rows of which `broken` holds, each a finding.
void Pairs(const ChildRecord& child, const Side& one, const Side& other,
           Findings& findings, const TwoRows& broken);
// The rows of which `open` holds, when one key has more than one of them: a
// finding a key. Rows without a value in `key` have one key.
void MoreThanOne(const ChildRecord& child, const Side& side, Column key,
                 Findings& findings, const OneRow& open);

bool Same(const Row& one, const Row& other, Column column);
bool SameEpisode(const Row& one, const Row& other);

// Both days are there, and the first is the earlier.
bool Before(std::optional<Date> first, std::optional<Date> second);
// A day outside the census year; false when absent.
bool Outside(std::optional<Date> date, const Period& period);
bool IsWeekend(std::optional<Date> date);
// `day` lies on or after `start`, and before `end`; without an end, up to the
// reference date.
bool During(std::optional<Date> day, std::optional<Date> start,
            std::optional<Date> end, const Period& period);
// The same with the last day included.
bool DuringOrOnLastDay(std::optional<Date> day, std::optional<Date> start,
                       std::optional<Date> end, const Period& period);

// The code may be used in returns of the basis's year. (Its own year, not that
// of the reference date: old returns are checked with today's sets.)
bool ValidCode(const Basis& basis, std::string_view set, std::string_view code);

}  // namespace seawall::census
