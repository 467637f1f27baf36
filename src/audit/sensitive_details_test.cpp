// SPDX-License-Identifier: Apache-2.0
#include "audit/sensitive_details.h"

#include "audit/audit_tables_fixture.h"
#include "audit/audit_trail.h"
#include "audit/fake_detail_seal.h"
#include "audit/record_reader.h"
#include "audit/record_text.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/temporary_directory.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace majed::audit {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;

constexpr RecordPlace place_of_e1{"e1", "event"};

TEST(SensitiveDetails, are_the_last_member_and_an_object_again) {
    FakeDetailSeal seal;
    for (const std::string details : {"", "{}", R"({"a":1})", R"({"a":{"sensitive":"x"}})"}) {
        const auto sealed = with_sealed(details, R"({"word":"hush"})", place_of_e1, &seal);
        ASSERT_TRUE(sealed) << sealed.error().message;
        EXPECT_EQ(sealed->find("hush"), std::string::npos);
        const std::string head = details.size() > 2 ? details.substr(0, details.size() - 1) + "," : "{";
        EXPECT_TRUE(sealed->starts_with(head + R"("sensitive":"fake.)")) << *sealed;
        EXPECT_EQ(with_opened(*sealed, place_of_e1, &seal), head + R"("sensitive":{"word":"hush"}})");
    }
}

TEST(SensitiveDetails, are_told_to_be_unreadable_with_the_reason) {
    FakeDetailSeal seal;
    const std::string sealed = *with_sealed({}, "{}", place_of_e1, &seal);
    const std::string unreadable = R"({"sensitive":"unreadable: )";
    EXPECT_EQ(with_opened(sealed, place_of_e1, nullptr), unreadable + R"(the keys are not at hand"})");
    for (const RecordPlace& other : {RecordPlace{"e1", "intent"}, RecordPlace{"e2", "event"}}) {
        EXPECT_EQ(with_opened(sealed, other, &seal),
                  unreadable + R"(it was not sealed here, for this record, or its key is gone"})");
    }
    EXPECT_EQ(with_opened(R"({"sensitive":"other.00"})", place_of_e1, &seal),
              unreadable + R"(its data key is gone"})");
}

TEST(SensitiveDetails, are_found_only_where_the_writer_puts_them) {
    FakeDetailSeal seal;
    for (const std::string details :
         {"", "{", "}", "{}", "[]", R"("sensitive":"fake.00")", R"({"a":"\"sensitive\":\"fake.00"})",
          R"({"a":{"sensitive":"fake.00"}})", R"({"sensitive":null})", R"({"sensitive":""})",
          R"({"sensitive":"fake.00","a":1})", R"({"x\"sensitive":"fake.00"})", R"({"sensitive":"two words"})",
          R"({"sensitive":"})", R"({"sensitive":})"}) {
        EXPECT_FALSE(with_opened(details, place_of_e1, &seal)) << details;
    }
}

TEST(SensitiveDetails, need_an_object_an_event_and_a_seal) {
    FakeDetailSeal seal;
    EXPECT_EQ(with_sealed("text", "{}", place_of_e1, &seal).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(with_sealed("{}", "{}", {"", "event"}, &seal).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(with_sealed("{}", "{}", place_of_e1, nullptr).error().code, ErrorCode::unavailable);
    seal.works = false;
    const auto refused = with_sealed("{}", "{}", place_of_e1, &seal);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_EQ(refused.error().message.find("/etc"), std::string::npos) << "whoever asks may see it";
    EXPECT_EQ(with_nothing_sealed(R"({"a":1})"), R"({"a":1,"sensitive":null})");
    EXPECT_EQ(with_nothing_sealed(""), R"({"sensitive":null})");
}

class SensitiveRecords : public testing::Test {
protected:
    void SetUp() override {
        auto database = Database::open(path_, OpenMode::create);
        ASSERT_TRUE(database && database->execute(audit_tables));
    }
    std::unique_ptr<AuditTrail> trail(std::shared_ptr<DetailSeal> seal) {
        return *AuditTrail::open({.database_path = path_, .seal = std::move(seal)});
    }
    static AuditRecord record(const std::string& event) {
        return {.event_id = event,
                .action = "x",
                .details = R"({"a":1})",
                .sensitive = "{\"word\":\"hush\r\n\xff\"}"};
    }
    std::string stored() {
        auto database = Database::open(path_, OpenMode::read_only);
        auto rows = database->prepare("SELECT group_concat(coalesce(details, '-'), ' ') FROM audit_log");
        EXPECT_TRUE(*rows->step());
        return rows->text(0);
    }

    driver::sqlite::TemporaryDirectory directory_;
    std::string path_ = directory_.file("majed.db");
    std::shared_ptr<FakeDetailSeal> seal_ = std::make_shared<FakeDetailSeal>();
};

TEST_F(SensitiveRecords, are_stored_sealed_and_shown_open_to_who_has_the_key) {
    ASSERT_TRUE(trail(seal_)->append(record("e\n1"), Assurance::strict));
    EXPECT_EQ(stored().find("hush"), std::string::npos);
    const auto shown = [this](std::shared_ptr<DetailSeal> seal) {
        return RecordReader::open(path_, std::move(seal))->read({}, {})->records.at(0);
    };
    const std::string line = json_line(shown(seal_));
    EXPECT_NE(line.find(R"("details":{"a":1,"sensitive":{"word":"hush\r\n<0xff>"}})"), std::string::npos)
        << line;
    EXPECT_NE(cef_line(shown(seal_), "1").find("hush"), std::string::npos);
    const std::string closed = json_line(shown(nullptr));
    EXPECT_NE(closed.find(R"("sensitive":"unreadable: the keys are not at hand")"), std::string::npos)
        << closed;
}

TEST_F(SensitiveRecords, are_refused_or_left_out_and_counted_when_they_cannot_be_sealed) {
    for (const auto& seal : {std::shared_ptr<FakeDetailSeal>(), seal_}) {
        seal_->works = false;
        const auto open = trail(seal);
        EXPECT_EQ(open->can_seal().error().code, ErrorCode::unavailable);
        EXPECT_EQ(open->append(record("e"), Assurance::strict).error().code, ErrorCode::unavailable);
        ASSERT_TRUE(open->append(record("e"), Assurance::best_effort));
        open->flush();
        EXPECT_EQ(open->stats().unsealed, 1U);
        EXPECT_EQ(open->stats().written, 1U);
    }
    EXPECT_EQ(stored(), R"({"a":1,"sensitive":null} {"a":1,"sensitive":null})");
    EXPECT_EQ(RecordReader::open(path_, seal_)->read({}, {})->records.at(0).details,
              R"({"a":1,"sensitive":null})");
}

}  // namespace
}  // namespace majed::audit
