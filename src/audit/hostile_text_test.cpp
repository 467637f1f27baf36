// SPDX-License-Identifier: Apache-2.0
// What comes from outside is stored so that it cannot end a line, hide one or move a terminal's cursor, in whichever field.
#include "audit/audit_tables_fixture.h"
#include "audit/audit_trail.h"
#include "audit/record_reader.h"
#include "audit/record_text.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/temporary_directory.h"
#include "telemetry/safe_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace majed::audit {
namespace {

using namespace std::string_literals;

const std::array<std::string, 8> hostile_texts{
    "a\r\nlogin admin success"s,   // Another record.
    "a\0b"s,                       // The end of a text in C.
    "\x1b[2J\x1b]0;title\x07"s,    // A terminal's orders.
    "\xff\xfe\xc3("s,              // No UTF-8.
    "\xed\xa0\x80"s,               // Half of a pair.
    "a\xe2\x80\xa8\xe2\x80\xae"s,  // A line separator, and text from right to left.
    "\x7f\xc2\x85|=\\ cs6=x"s,     // What else ends lines, and what CEF is made of.
    "\",\"success\":true}{\""s,
};

bool is_one_plain_line(std::string_view text) {
    return std::ranges::none_of(text,
                                [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }) &&
           telemetry::safe_text(text) == text;
}

AuditRecord hostile_record(const std::string& text) {
    return {.event_id = text,
            .username = text,
            .role = text,
            .action = text,
            .resource = text,
            .resource_id = text,
            .details = text,
            .ip_address = text,
            .user_agent = text,
            .request_id = text,
            .success = false,
            .error_message = text};
}

TEST(HostileText, is_stored_and_shown_on_one_plain_line_whichever_field_it_is_in) {
    const driver::sqlite::TemporaryDirectory directory;
    const std::string path = directory.file("majed.db");
    auto hand = driver::sqlite::Database::open(path, driver::sqlite::OpenMode::create);
    ASSERT_TRUE(hand && hand->execute(audit_tables));
    {
        const auto trail = AuditTrail::open({.database_path = path});
        ASSERT_TRUE(trail);
        for (const std::string& text : hostile_texts) {
            ASSERT_TRUE((*trail)->append(hostile_record(text), Assurance::strict));
        }
    }
    auto rows = hand->prepare("SELECT * FROM audit_log");
    std::size_t count = 0;
    for (; *rows->step(); ++count) {
        for (int column = 0; column < rows->column_count(); ++column) {
            EXPECT_TRUE(is_one_plain_line(rows->text(column))) << count << " " << rows->column_name(column);
        }
    }
    EXPECT_EQ(count, hostile_texts.size());
    const auto records = RecordReader::open(path)->read({}, {});
    ASSERT_EQ(records->records.size(), hostile_texts.size());
    for (const StoredRecord& record : records->records) {
        EXPECT_TRUE(is_one_plain_line(json_line(record))) << record.id;
        EXPECT_TRUE(is_one_plain_line(cef_line(record, "1"))) << record.id;
        EXPECT_EQ(std::ranges::count(cef_line(record, "1\n|"), '\n'), 0) << record.id;
    }
}

TEST(HostileText, finds_the_record_it_was_written_for) {
    const driver::sqlite::TemporaryDirectory directory;
    const std::string path = directory.file("majed.db");
    ASSERT_TRUE(
        driver::sqlite::Database::open(path, driver::sqlite::OpenMode::create)->execute(audit_tables));
    const auto trail = AuditTrail::open({.database_path = path});
    for (const std::string& text : hostile_texts) {
        ASSERT_TRUE((*trail)->append(hostile_record(text), Assurance::strict));
    }
    for (const std::string& text : hostile_texts) {
        const RecordFilter filter{
            .action = text, .username = text, .resource = text, .request_id = text, .event_id = text};
        EXPECT_EQ(RecordReader::open(path)->read(filter, {})->records.size(), 1U) << text;
    }
}

}  // namespace
}  // namespace majed::audit
