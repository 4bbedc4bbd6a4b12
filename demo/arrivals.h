// Arrivals: which agency tells when of whom. A part of the plan; everything
// here is invented.
#pragma once

#include <string>
#include <vector>

#include "demo/people.h"
#include "demo/plan.h"
#include "demo/random.h"

namespace seawall::demo {

// Adds to the people and draws from the random numbers it is given.
class Arrivals {
 public:
  Arrivals(Random& random, const Calendar& calendar, People& people)
      : random_(random), calendar_(calendar), people_(people) {}

  // As many contacts each month as wanted, in the order of receipt.
  std::vector<PlannedForm> Year(const Targets& targets);
  // About one child, on a working day before the year.
  PlannedForm Earlier(int child, Date day);

 private:
  void AddForm(Date day, bool to_hub, int most,
               std::vector<PlannedForm>& forms);
  Date PickDay(int month);
  int PickAgency(Date day);
  Instant PickTime(Date day, int agency);
  int PickFamily(Date day, int agency);
  bool Fits(int child, int agency, Date day) const;
  PlannedForm NewForm(int agency, Instant received, bool to_hub);
  PlannedContact NewContact(int child, int agency);

  Random& random_;
  const Calendar& calendar_;
  People& people_;
};

// Orders forms by receipt and names them "<name>-00000" and so on.
void Number(std::vector<PlannedForm>& forms, const std::string& name);

// Forms of one child each, received when they are pushed: something to be in
// the middle of.
struct Batch {
  People people;
  std::vector<PlannedForm> forms;
};
struct BatchOrder {
  int forms = 0;
  std::uint64_t seed = 0;
  Date day;
  // Of the request ids.
  std::string name;
  // Batches share no child if these lie far apart, nor with the year below
  // 60,000.
  int first_number = 60'000;
};
Batch MakeBatch(const BatchOrder& order);

}  // namespace seawall::demo
