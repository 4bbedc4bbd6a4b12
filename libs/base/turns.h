// Turns: a queue that several share. Each has a line of its own and the lines
// are served in turn, so that a long one makes nobody else wait for it.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace seawall {

// Not thread-safe.
template <class T>
class Turns {
 public:
  struct Turn {
    std::string who;
    T what;
  };

  void Push(const std::string& who, T what) {
    Line(who).push_back(std::move(what));
    size_++;
  }
  // What was taken and not used goes back to the front of its line.
  void GiveBack(const std::string& who, T what) {
    Line(who).push_front(std::move(what));
    size_++;
  }

  // The first of the line whose turn it is, of those that may; nothing where
  // none may.
  std::optional<Turn> Pop(
      const std::function<bool(const std::string&)>& may = nullptr) {
    for (auto at = turns_.begin(); at != turns_.end(); at++) {
      if (may && !may(*at)) continue;
      const auto found = lines_.find(*at);
      std::deque<T>& line = found->second;
      Turn turn{*at, std::move(line.front())};
      line.pop_front();
      size_--;
      if (line.empty()) {
        lines_.erase(found);
        turns_.erase(at);
      } else {
        turns_.splice(turns_.end(), turns_, at);
      }
      return turn;
    }
    return std::nullopt;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t size(const std::string& who) const {
    const auto found = lines_.find(who);
    return found == lines_.end() ? 0 : found->second.size();
  }

 private:
  std::deque<T>& Line(const std::string& who) {
    const auto [at, is_new] = lines_.try_emplace(who);
    if (is_new) turns_.push_back(who);
    return at->second;
  }

  std::unordered_map<std::string, std::deque<T>> lines_;
  std::list<std::string> turns_;  // who has a line, the next one first
  std::size_t size_ = 0;
};

}  // namespace seawall
