// A return as census XML, read child by child: a file may be larger than
// memory.
//
// One <Child> at a time is cut from the stream and taken apart. What the
// census does not have is told and passed over; what is no XML ends the
// reading. One thread; never throws but for memory.
#pragma once

#include <cstddef>
#include <functional>
#include <istream>
#include <string>

#include "libs/base/error.h"
#include "libs/census/tables.h"

namespace seawall::census {

// What the reader tells, in the order of the file. All must be set.
struct XmlListener {
  std::function<void(const Row&)> header;
  // Rows are numbered through the whole file, table by table. Episodes,
  // assessments and plans, which have no id in a file, get one of their place:
  // the child's second episode is "2".
  std::function<void(const ChildRecord&)> child;
  // An element or attribute that the census does not have there, or an element
  // that is there again: "Child/CINdetails/Colour", and its line.
  std::function<void(const std::string& path, int line)> unknown;
  // So many bytes more have been read.
  std::function<void(std::size_t bytes)> progress;
};

// CENSUS_UNREADABLE with line and byte where the stream is no XML, no census,
// or holds a document type.
Result<void> ReadXml(std::istream& in, const XmlListener& listener);

}  // namespace seawall::census
