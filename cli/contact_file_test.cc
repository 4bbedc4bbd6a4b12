#include "cli/contact_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace seawall::cli {
namespace {

using nlohmann::json;

class ContactFilesTest : public testing::Test {
 protected:
  ~ContactFilesTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& content) {
    const std::string path = folder_ / name;
    std::ofstream(path) << content;
    return path;
  }
  std::vector<PushItem> ReadAll(std::vector<std::string> paths) {
    ContactFiles files(std::move(paths), "blackpool", in_);
    std::vector<PushItem> items;
    while (auto item = files.Next()) items.push_back(*std::move(item));
    return items;
  }

  std::filesystem::path folder_ = [] {
    std::string pattern =
        std::filesystem::temp_directory_path() / "formsXXXXXX";
    return std::filesystem::path(mkdtemp(pattern.data()));
  }();
  std::istringstream in_;
};

TEST(DerivedRequestId, DoesNotChangeWithBlanksOrOrder) {
  const auto id = [](const char* text) {
    return DerivedRequestId(json::parse(text));
  };
  EXPECT_EQ(id(R"({"a":1,"b":"x"})"), id("{ \"b\" : \"x\",\n \"a\" : 1 }"));
  EXPECT_NE(id(R"({"a":1})"), id(R"({"a":2})"));
  EXPECT_EQ(id("{}").size(), 34u);
}

TEST(DerivedRequestId, IsTheSameInEveryRelease) {
  // A form pushed by an older client must be known again.
  EXPECT_EQ(DerivedRequestId(json::parse(R"({"source":"6"})")),
            "F-3f88a8b94c79c05deac5f34698b88a65");
}

TEST_F(ContactFilesTest, OneDocumentOverSeveralLinesIsOneForm) {
  const auto items = ReadAll({Write("a.json", "{\n \"source\": \"6\"\n}\n")});
  ASSERT_EQ(items.size(), 1u);
  EXPECT_FALSE(items[0].unreadable);
  EXPECT_EQ(items[0].request.form().source(), "6");
  EXPECT_EQ(items[0].request.area(), "blackpool");
}

TEST_F(ContactFilesTest, LinesAreFormsWithTheirLineNumbers) {
  const std::string path =
      Write("a.jsonl", "\n{\"source\":\"6\"}\n\n{\"source\":\"2A\"}\n");
  const auto items = ReadAll({path});
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].where, path + ":2");
  EXPECT_EQ(items[1].where, path + ":4");
  ContactFiles files({path}, "blackpool", in_);
  EXPECT_EQ(files.CountForms(), 2);
}

TEST_F(ContactFilesTest, ABrokenLineIsNamedAndTheRestIsRead) {
  const std::string path = Write(
      "a.jsonl", "{\"source\":\n{\"source\":\"2A\"}\n{\"sorce\":\"6\"}\n");
  const auto items = ReadAll({path});
  ASSERT_EQ(items.size(), 3u);
  ASSERT_TRUE(items[0].unreadable);
  EXPECT_EQ(items[0].unreadable->reason, "MALFORMED");
  EXPECT_EQ(items[0].where, path + ":1");
  EXPECT_FALSE(items[1].unreadable);
  ASSERT_TRUE(items[2].unreadable);
  EXPECT_EQ(items[2].unreadable->fields[0].path, "sorce");
}

TEST_F(ContactFilesTest, AFaultInADocumentIsFoundAtItsLine) {
  const std::string path =
      Write("a.json", "{\n \"source\": \"6\",\n \"channel\" 1\n}\n");
  const auto items = ReadAll({path});
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].where, path + ":3");
}

TEST_F(ContactFilesTest, TheSendersOwnRequestIdIsKept) {
  const auto items = ReadAll({Write(
      "a.jsonl",
      R"({"request_id":"mine-1","source":"6"})"
      "\n"
      R"({"requestId":"mine-2","area":"lancashire","form":{"source":"6"}})"
      "\n")});
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].request.request_id(), "mine-1");
  EXPECT_EQ(items[1].request.request_id(), "mine-2");
  EXPECT_EQ(items[1].request.area(), "lancashire");
  EXPECT_EQ(items[1].request.form().source(), "6");
}

TEST_F(ContactFilesTest, StandardInputIsReadInBothForms) {
  in_.str("{\"source\":\"6\"}\n{\"source\":\"8\"}\n");
  EXPECT_EQ(ReadAll({"-"}).size(), 2u);
  in_.clear();
  in_.str("{\n\"source\":\"6\"\n}\n");
  EXPECT_EQ(ReadAll({"-"}).size(), 1u);
  EXPECT_FALSE(ContactFiles({"-"}, "blackpool", in_).CountForms());
}

TEST_F(ContactFilesTest, AMissingFileIsFoundBeforeAnythingIsSent) {
  const std::string good = Write("a.json", "{}");
  const auto checked =
      ContactFiles({good, folder_ / "gone.json"}, "blackpool", in_).Check();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().reason, "USAGE");
}

TEST_F(ContactFilesTest, AFileThatIsNoFormIsFoundBeforeAnythingIsSent) {
  const std::pair<std::string, const char*> files[] = {
      {"", "empty"},
      {" \n\n", "empty"},
      {std::string("PK\x03\x04", 4), "Excel workbook"},
      {"source,children\n", "no JSON"},
      {"[{\"source\":\"6\"}]", "a form a line"},
  };
  for (const auto& [text, says] : files) {
    const auto checked =
        ContactFiles({Write("a.json", text)}, "blackpool", in_).Check();
    ASSERT_FALSE(checked) << says;
    EXPECT_EQ(checked.error().reason, "USAGE");
    EXPECT_NE(checked.error().message.find(says), std::string::npos)
        << checked.error().message;
  }
}

TEST_F(ContactFilesTest, FormsMayBeUtf16OrWindows1252) {
  const std::string line =
      "{\"source\":\"6\",\"concern\":{\"text\":\"caf\xe9\"}}";
  std::string little = "\xff\xfe", big = "\xfe\xff";
  for (const char c : line + "\r\n" + line) {
    little += std::string{c, '\0'};
    big += std::string{'\0', c};
  }
  const auto windows = ReadAll({Write("a.json", line + "\n" + line + "\n")});
  ASSERT_EQ(windows.size(), 2u);
  EXPECT_EQ(windows[0].notes.at(0).reason, kReadAsWindows1252);
  for (const std::string& wide : {little, big}) {
    const std::string path = Write("b.json", wide);
    ContactFiles files({path}, "blackpool", in_);
    EXPECT_TRUE(files.Check());
    EXPECT_EQ(files.CountForms(), 2);
    const auto items = ReadAll({path});
    ASSERT_EQ(items.size(), 2u);
    EXPECT_TRUE(items[0].notes.empty());
    for (const PushItem& item : {items[0], items[1], windows[0]}) {
      ASSERT_FALSE(item.unreadable);
      EXPECT_EQ(item.request.form().concern().text(), "café");
    }
  }
}

TEST_F(ContactFilesTest, AFormInAThirdEncodingCostsNoOther) {
  const auto items = ReadAll(
      {Write("a.jsonl", "{\"source\":\"\x89\"}\n{\"source\":\"6\"}\n")});
  ASSERT_EQ(items.size(), 2u);
  ASSERT_TRUE(items[0].unreadable);
  EXPECT_NE(items[0].unreadable->message.find("Windows-1252"),
            std::string::npos);
  EXPECT_FALSE(items[1].unreadable);
}

TEST_F(ContactFilesTest, ATimeThatCannotBeReadBouncesNoForm) {
  const auto items = ReadAll({Write(
      "a.json", R"({"source":"6","raised_time":"2026-11-20T09:30:00"})")});
  ASSERT_EQ(items.size(), 1u);
  ASSERT_FALSE(items[0].unreadable);
  ASSERT_EQ(items[0].notes.size(), 1u);
  EXPECT_EQ(items[0].notes[0].reason, kTimeUnreadable);
  EXPECT_EQ(items[0].notes[0].path, "raised_time");
}

TEST_F(ContactFilesTest, ANumberIsARequestIdToo) {
  const auto items =
      ReadAll({Write("a.json", R"({"request_id":47,"source":"6"})")});
  ASSERT_FALSE(items.at(0).unreadable);
  EXPECT_EQ(items[0].request.request_id(), "47");
}

TEST(Examples, AreReadableAndNameOnlyInventedPeople) {
  std::istringstream in;
  ContactFiles files({"examples/contact.json", "examples/family.json"},
                     "blackpool", in);
  ASSERT_TRUE(files.Check());
  EXPECT_EQ(files.CountForms(), 2);
  int children = 0;
  while (const auto item = files.Next()) {
    ASSERT_FALSE(item->unreadable) << item->where;
    for (const auto& child : item->request.form().children()) {
      EXPECT_TRUE(child.family_name().starts_with("Test-"));
      ++children;
    }
  }
  EXPECT_EQ(children, 4);
}

}  // namespace
}  // namespace seawall::cli
