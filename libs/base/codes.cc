#include "libs/base/codes.h"

#include <algorithm>

#include "libs/base/json_file.h"

namespace seawall {
namespace {

using Json = nlohmann::json;

Error Unreadable(const std::string& where, const std::string& what) {
  return Error{Code::kFailedPrecondition, "CODE_SETS_UNREADABLE",
               where + ": " + what};
}

std::string Text(const Json& entry, const char* key) {
  const auto field = entry.find(key);
  return field != entry.end() && field->is_string() ? field->get<std::string>()
                                                    : "";
}

Result<CodeEntry> ParseEntry(const Json& json, const std::string& where) {
  CodeEntry entry{.code = Text(json, "code"),
                  .label = Text(json, "label"),
                  .group = Text(json, "group")};
  if (entry.code.empty()) return Unreadable(where, "an entry has no code");
  if (!json.contains("valid_from")) {
    return Unreadable(where, entry.code + " needs a valid_from date, or null");
  }
  if (!json["valid_from"].is_null()) {
    entry.valid_from = ParseDate(Text(json, "valid_from"));
    if (!entry.valid_from) {
      return Unreadable(where, entry.code + " has a bad valid_from date");
    }
  }
  if (json.contains("valid_to") && !json["valid_to"].is_null()) {
    entry.valid_to = ParseDate(Text(json, "valid_to"));
    if (!entry.valid_to ||
        (entry.valid_from && *entry.valid_to < *entry.valid_from)) {
      return Unreadable(where, entry.code + " has a bad valid_to date");
    }
  }
  return entry;
}

Result<std::vector<CodeEntry>> ParseSet(const Json& json,
                                        const std::string& where) {
  if (!json.is_array() || json.empty()) {
    return Unreadable(where, "a set is a list of at least one entry");
  }
  std::set<std::string> seen;
  std::vector<CodeEntry> entries;
  for (const auto& item : json) {
    if (!item.is_object()) return Unreadable(where, "an entry is no object");
    TRY(auto entry, ParseEntry(item, where));
    if (!seen.insert(entry.code).second) {
      return Unreadable(where, entry.code + " is there twice");
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

Result<CodeSets> CodeSets::Load(const std::string& path) {
  TRY(const Json json, ReadJsonFile(path, "CODE_SETS_UNREADABLE"));
  if (!json.is_object() || !json.contains("sets") ||
      !json["sets"].is_object()) {
    return Unreadable(path, "\"sets\" is missing");
  }
  CodeSets sets;
  for (const auto& [name, list] : json["sets"].items()) {
    TRY(auto entries, ParseSet(list, path + ": " + name));
    sets.sets_.emplace(name, std::move(entries));
  }
  return sets;
}

bool CodeSets::Valid(std::string_view set, std::string_view code,
                     Date on) const {
  const CodeEntry* entry = Find(set, code);
  return entry != nullptr && (!entry->valid_from || on >= *entry->valid_from) &&
         (!entry->valid_to || on <= *entry->valid_to);
}

const CodeEntry* CodeSets::Find(std::string_view set,
                                std::string_view code) const {
  const auto found = sets_.find(set);
  if (found == sets_.end()) return nullptr;
  const auto entry = std::find_if(
      found->second.begin(), found->second.end(),
      [&](const CodeEntry& candidate) { return candidate.code == code; });
  return entry == found->second.end() ? nullptr : &*entry;
}

std::vector<std::string> CodeSets::Codes(std::string_view set) const {
  std::vector<std::string> codes;
  const auto found = sets_.find(set);
  if (found == sets_.end()) return codes;
  for (const auto& entry : found->second) codes.push_back(entry.code);
  return codes;
}

std::vector<std::string> CodeSets::Groups(std::string_view set) const {
  std::vector<std::string> groups;
  const auto found = sets_.find(set);
  if (found == sets_.end()) return groups;
  for (const auto& entry : found->second) {
    const bool is_new =
        std::find(groups.begin(), groups.end(), entry.group) == groups.end();
    if (!entry.group.empty() && is_new) groups.push_back(entry.group);
  }
  return groups;
}

std::vector<std::string> CodeSets::Sets() const {
  std::vector<std::string> names;
  for (const auto& [name, entries] : sets_) names.push_back(name);
  return names;
}

}  // namespace seawall
