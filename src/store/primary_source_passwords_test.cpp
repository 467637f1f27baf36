// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_file.h"
#include "driver/sqlite/temporary_directory.h"
#include "store/primary_store.h"
#include "store/primary_store_fixture.h"
#include "store/store_seals.h"

#include <gtest/gtest.h>

#include <chrono>

namespace majed::store {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;

class SourcePasswords : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(crypto::KeyFile::create(key_, crypto::RootTime(std::chrono::seconds(1))));
        auto made =
            make_primary_store(path_, {.journal = journal_, .seals = std::make_shared<StoreSeals>(key_)});
        ASSERT_TRUE(made) << made.error().message;
        store_ = std::move(*made);
    }
    void set(const std::string& source, const std::string& password) {
        const auto done = store_->set_source_password(actor_, source, Secret(password));
        EXPECT_TRUE(done) << done.error().message;
    }
    /// Empty: none is stored.
    [[nodiscard]] std::string stored(const std::string& source) {
        const auto password = store_->source_password(source);
        EXPECT_TRUE(password);
        return password && *password ? std::string((*password)->reveal()) : std::string();
    }

    const Actor actor_{};
    std::shared_ptr<RememberingJournal> journal_ = std::make_shared<RememberingJournal>();
    driver::sqlite::TemporaryDirectory directory_;
    const std::string path_ = directory_.file("majed.db");
    const std::string key_ = directory_.file("majed.key");
    std::unique_ptr<PrimaryStore> store_;
};

TEST_F(SourcePasswords, are_given_back_as_they_were_set_and_replaced) {
    EXPECT_EQ(stored("shop"), "");
    set("shop", "correct horse");
    set("reports", std::string(PrimaryStore::max_source_password, 'x'));
    EXPECT_EQ(stored("shop"), "correct horse");
    EXPECT_EQ(stored("reports"), std::string(PrimaryStore::max_source_password, 'x'));
    set("shop", "battery\nstaple ü");
    EXPECT_EQ(stored("shop"), "battery\nstaple ü");
    EXPECT_EQ(stored("Shop"), "");
}

TEST_F(SourcePasswords, are_forgotten) {
    set("shop", "correct horse");
    ASSERT_TRUE(store_->forget_source_password(actor_, "shop"));
    EXPECT_EQ(stored("shop"), "");
    EXPECT_EQ(store_->forget_source_password(actor_, "shop").error().code, ErrorCode::not_found);
    // The new row is another one: what was sealed for the old one does not open in it.
    auto database = Database::open(path_, OpenMode::read_write);
    set("shop", "another");
    auto rows = database->prepare("SELECT id FROM source_passwords");
    ASSERT_TRUE(*rows->step());
    EXPECT_EQ(rows->integer(0), 2);
}

TEST_F(SourcePasswords, are_neither_in_the_file_nor_in_the_journal) {
    set("shop", "correct horse");
    auto database = Database::open(path_, OpenMode::read_only);
    auto rows = database->prepare("SELECT password FROM source_passwords");
    ASSERT_TRUE(*rows->step());
    EXPECT_EQ(rows->text(0).find("correct"), std::string::npos);
    EXPECT_EQ(rows->text(0).substr(0, 5), "gAAAA");
    const auto last = journal_->entries().back();
    EXPECT_EQ(last.action, "source.set_password");
    EXPECT_EQ(last.resource_id, "shop");
    EXPECT_EQ(last.images.before, "");
    EXPECT_EQ(last.images.after, R"({"source":"shop","stored":true})");
}

TEST_F(SourcePasswords, have_bounds) {
    for (const std::string& bad :
         {std::string(), std::string(PrimaryStore::max_source_password + 1, 'x'), std::string("a\0b", 3)}) {
        const auto refused = store_->set_source_password(actor_, "shop", Secret(bad));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    }
    for (const std::string& name : {std::string(), std::string(300, 'x'), std::string("a\nb")}) {
        EXPECT_EQ(store_->set_source_password(actor_, name, Secret("p")).error().code,
                  ErrorCode::invalid_argument);
    }
    EXPECT_TRUE(journal_->entries().empty());
}

TEST_F(SourcePasswords, that_were_moved_to_another_source_do_not_open) {
    set("shop", "correct horse");
    set("evil", "none");
    auto database = Database::open(path_, OpenMode::read_write);
    ASSERT_TRUE(
        database->execute("UPDATE source_passwords SET password = (SELECT password FROM source_passwords"
                          " WHERE source = 'shop') WHERE source = 'evil'"));
    const auto refused = store_->source_password("evil");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_NE(refused.error().hint.find("set-password"), std::string::npos);
    EXPECT_EQ(stored("shop"), "correct horse");
}

}  // namespace
}  // namespace majed::store
