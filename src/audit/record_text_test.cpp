// SPDX-License-Identifier: Apache-2.0
#include "audit/record_text.h"

#include <gtest/gtest.h>

#include <string>

namespace majed::audit {
namespace {

using namespace std::string_literals;

StoredRecord full_record() {
    return {.id = 17,
            .event_id = "e1",
            .phase = "outcome",
            .user_id = 7,
            .username = "nora",
            .role = "normal",
            .action = "query",
            .resource = "sales",
            .resource_id = "customers",
            .details = R"({ "rows": 3 })",
            .ip_address = "127.0.0.1",
            .user_agent = "curl/8",
            .request_id = "r1",
            .timestamp = "2025-01-31T23:59:59.123456Z",
            .success = false,
            .error_message = "timeout: too slow",
            .details_object = R"({"rows":3})"};
}

StoredRecord bare_record() {
    StoredRecord record;
    record.id = 1;
    record.phase = "event";
    record.action = "login";
    record.timestamp = "2025-01-31T00:00:00.000000Z";
    return record;
}

StoredRecord named(std::string username) {
    StoredRecord record = bare_record();
    record.username = std::move(username);
    return record;
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Nothing that ends or rewrites a line.
void expect_one_safe_line(const std::string& line) {
    for (const char c : line) {
        EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) << line;
    }
}

TEST(JsonLine, has_a_member_for_each_column_and_details_as_an_object) {
    EXPECT_EQ(json_line(full_record()),
              R"({"id":17,"event_id":"e1","phase":"outcome","user_id":7,"username":"nora","role":"normal",)"
              R"("action":"query","resource":"sales","resource_id":"customers","details":{"rows":3},)"
              R"("ip_address":"127.0.0.1","user_agent":"curl/8","request_id":"r1",)"
              R"("timestamp":"2025-01-31T23:59:59.123456Z","success":false,)"
              R"("error_message":"timeout: too slow"})");
}

TEST(JsonLine, has_null_for_what_is_absent) {
    EXPECT_EQ(json_line(bare_record()),
              R"({"id":1,"event_id":"","phase":"event","user_id":null,"username":null,"role":null,)"
              R"("action":"login","resource":null,"resource_id":null,"details":null,"ip_address":null,)"
              R"("user_agent":null,"request_id":null,"timestamp":"2025-01-31T00:00:00.000000Z",)"
              R"("success":true,"error_message":null})");
}

TEST(JsonLine, has_details_as_text_when_they_are_no_object) {
    StoredRecord record = bare_record();
    record.details = "not {\"json\"\n";
    EXPECT_TRUE(holds(json_line(record), R"("details":"not {\"json\"\n")"));
}

TEST(JsonLine, stays_one_line_whatever_is_in_the_record) {
    const std::string hostile = "x\r\n{\"id\":2}\0\x1b[2J\x7f\xff"s;
    StoredRecord record = named(hostile);
    record.details = "{\"a\":\"" + hostile + "\"}";
    record.details_object = "{\"a\":\"b\x7f\xe2\x80\xa8\xff\"}";
    const std::string line = json_line(record);
    expect_one_safe_line(line);
    EXPECT_TRUE(holds(line, R"("username":"x\r\n{\"id\":2}\u0000\u001b[2J\u007f)")) << line;
    EXPECT_TRUE(holds(line, R"("details":{"a":"b\u007f\u2028<0xff>"})")) << line;
}

TEST(JsonLine, is_a_value_among_others) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_array();
    append_record(json, bare_record());
    append_record(json, bare_record());
    json.end_array();
    EXPECT_EQ(out, "[" + json_line(bare_record()) + "," + json_line(bare_record()) + "]");
}

TEST(CefLine, has_header_and_extension) {
    EXPECT_EQ(cef_line(full_record(), "1.2.3"),
              "CEF:0|Majed Vanna|majed|1.2.3|query|query|6|rt=1738367999123 externalId=17 suser=nora suid=7 "
              "spriv=normal src=127.0.0.1 requestClientApplication=curl/8 outcome=failure "
              "reason=timeout: too slow cs1=e1 cs1Label=event_id cs2=outcome cs2Label=phase cs3=sales "
              "cs3Label=resource cs4=customers cs4Label=resource_id cs5=r1 cs5Label=request_id "
              R"(cs6={ "rows": 3 } cs6Label=details)");
}

TEST(CefLine, leaves_out_what_is_absent) {
    EXPECT_EQ(cef_line(bare_record(), "1"),
              "CEF:0|Majed Vanna|majed|1|login|login|2|rt=1738281600000 externalId=1 outcome=success "
              "cs2=event cs2Label=phase");
}

TEST(CefLine, leaves_out_a_time_that_nobody_can_read) {
    StoredRecord record = bare_record();
    record.timestamp = "long ago";
    EXPECT_TRUE(holds(cef_line(record, "1"), "|2|externalId=1 "));
}

TEST(CefLine, escapes_bar_and_backslash_in_the_header_alone) {
    StoredRecord record = named("a|b");
    record.action = "x|y\\z=1\n";
    const std::string line = cef_line(record, "1|2");
    EXPECT_TRUE(line.starts_with(R"(CEF:0|Majed Vanna|majed|1\|2|x\|y\\z=1\\n|x\|y\\z=1\\n|2|)")) << line;
    EXPECT_TRUE(holds(line, " suser=a|b ")) << line;
}

TEST(CefLine, escapes_equals_backslash_and_line_ends_in_the_extension) {
    EXPECT_TRUE(holds(cef_line(named("a=b\\c"), "1"), R"( suser=a\=b\\c )"));
    EXPECT_TRUE(holds(cef_line(named("a\nb\r\nc"), "1"), R"( suser=a\nb\r\nc )"));
    // As the program stores a line end: a backslash and a letter, which stay these.
    EXPECT_TRUE(holds(cef_line(named("a\\nb"), "1"), R"( suser=a\\nb )"));
}

TEST(CefLine, stays_one_line_and_grows_no_key_whatever_is_in_the_record) {
    const std::string line = cef_line(named("x\nCEF:0|a\0\x1b[2J\xff outcome=success\xe2\x80\xa8\x7f"s), "1");
    expect_one_safe_line(line);
    EXPECT_TRUE(holds(line, R"(suser=x\nCEF:0|a\\u0000\\u001b[2J<0xff> outcome\=success\\u2028\\u007f )"))
        << line;
}

TEST(CefLine, is_most_severe_when_the_audit_itself_is_not_well) {
    StoredRecord record = bare_record();
    record.success = false;
    EXPECT_TRUE(holds(cef_line(record, "1"), "|6|"));
    record.action = "audit.gap";
    EXPECT_TRUE(holds(cef_line(record, "1"), "|9|"));
    record.action = "audit.verify";
    EXPECT_TRUE(holds(cef_line(record, "1"), "|9|"));
    record.success = true;
    EXPECT_TRUE(holds(cef_line(record, "1"), "|2|"));
}

}  // namespace
}  // namespace majed::audit
