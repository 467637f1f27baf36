// SPDX-License-Identifier: Apache-2.0
#include "app/audited_changes.h"

#include "app/root_keys.h"
#include "app/stored_detail_seal.h"
#include "audit/record_reader.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/temporary_directory.h"
#include "store/primary_store.h"
#include "store/primary_store_fixture.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

namespace majed::app {
namespace {

/// A store whose changes are audited, with the keys of a real key file.
class AuditedPeople : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(generate_root_key(key_));
        ASSERT_TRUE(store::make_primary_tables(path_));
        seal_ = std::make_shared<StoredDetailSeal>(path_, std::make_shared<store::StoreSeals>(key_));
        trail_ = *audit::AuditTrail::open({.database_path = path_, .seal = seal_});
        store::StoreOptions options;
        options.journal =
            std::make_shared<AuditedChanges>([this]() -> Result<audit::AuditTrail*> { return trail_.get(); });
        store_ = *store::PrimaryStore::open(path_, std::move(options));
    }
    Result<store::User> add(const std::string& name) {
        return store_->add_user({}, {.username = name, .attributes = {{"city", {"Timbuktu"}}}},
                                Secret("three words there"));
    }
    /// Details of the outcome, as who has the keys is shown them.
    std::string details(const std::string& action) {
        auto reader = audit::RecordReader::open(path_, seal_);
        const auto page = reader->read({.action = action}, {.limit = 1});
        return page && !page->records.empty() ? page->records.front().details.value_or("") : "none";
    }
    std::string cell(const std::string& sql) {
        auto database = driver::sqlite::Database::open(path_, driver::sqlite::OpenMode::read_only);
        auto statement = database->prepare(sql);
        EXPECT_TRUE(*statement->step()) << sql;
        return statement->text(0);
    }

    driver::sqlite::TemporaryDirectory directory_;
    std::string path_ = directory_.file("majed.db");
    std::string key_ = directory_.file("majed.key");
    std::shared_ptr<StoredDetailSeal> seal_;
    std::unique_ptr<audit::AuditTrail> trail_;
    std::unique_ptr<store::PrimaryStore> store_;
};

TEST_F(AuditedPeople, have_their_attributes_in_no_record_that_lies_open) {
    ASSERT_TRUE(add("uma"));
    ASSERT_TRUE(store_->set_attribute({}, "uma", "town", {"Samarkand"}));
    ASSERT_TRUE(store_->set_role({}, "uma", policy::Role::superuser));
    ASSERT_TRUE(store_->delete_user({}, "uma"));
    EXPECT_EQ(
        cell("SELECT count(*) FROM audit_log WHERE details LIKE '%Timbuktu%' OR details LIKE '%Samarkand%'"),
        "0");
    const std::string added = details("user.add");
    EXPECT_TRUE(added.starts_with(R"({"sensitive":{"before":null,"after":{)")) << added;
    EXPECT_NE(added.find(R"("attributes":{"city":["Timbuktu"]})"), std::string::npos) << added;
    EXPECT_NE(details("user.set_attribute").find("Samarkand"), std::string::npos);
    const std::string role = details("user.set_role");
    EXPECT_NE(role.find(R"("role":"superuser")"), std::string::npos) << role;
    EXPECT_EQ(role.find("attributes"), std::string::npos) << role;
    EXPECT_EQ(details("user.delete").find("attributes"), std::string::npos);
}

TEST_F(AuditedPeople, are_not_changed_when_what_they_are_cannot_be_sealed) {
    std::filesystem::remove(key_);
    const auto refused = add("uma");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_EQ(refused.error().message.find(key_), std::string::npos);
    EXPECT_EQ(cell("SELECT count(*) FROM users"), "0");
    EXPECT_EQ(cell("SELECT count(*) FROM audit_log"), "0");
}

TEST_F(AuditedPeople, are_told_of_after_the_root_key_was_rotated_too) {
    ASSERT_TRUE(add("uma"));
    ASSERT_TRUE(rotate_root_key(key_));
    ASSERT_TRUE(add("vera"));
    EXPECT_NE(details("user.add").find("vera"), std::string::npos);
    auto reader = audit::RecordReader::open(
        path_, std::make_shared<StoredDetailSeal>(path_, std::make_shared<store::StoreSeals>(key_)));
    const auto page = reader->read({.action = "user.add"}, {});
    EXPECT_EQ(page->records.size(), 4U);
    for (const auto& record : page->records) {
        if (record.phase == "outcome") {
            EXPECT_NE(record.details->find("Timbuktu"), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace majed::app
