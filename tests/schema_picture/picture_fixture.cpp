// SPDX-License-Identifier: Apache-2.0
#include "schema_picture/picture_fixture.h"

#include <chrono>
#include <cstdlib>
#include <span>

namespace majed::schema_picture {

namespace {

class NoRows final : public driver::RowSink {
public:
    Result<void> row(std::span<const ValueView>) override { return {}; }
};

Deadline soon() {
    return deadline_after(std::chrono::seconds(30));
}

}  // namespace

Database::Database(migrate::Dialect dialect, driver::Driver& driver) : dialect_(dialect) {
    auto opened = driver.open(soon());
    if (!opened) {
        ADD_FAILURE() << opened.error().message << " " << opened.error().hint;
        std::abort();
    }
    connection_ = std::move(*opened);
}

void Database::run(const Statements& statements) {
    for (const std::string& sql : statements) {
        NoRows sink;
        const auto done = connection_->execute(sql, {}, {.deadline = soon()}, sink);
        ASSERT_TRUE(done) << sql << ": " << done.error().native_state << " " << done.error().message;
    }
}

migrate::SchemaPicture Database::picture() {
    auto taken = migrate::take_picture(dialect_, *connection_, soon());
    if (!taken) {
        ADD_FAILURE() << taken.error().native_state << " " << taken.error().message;
        return {};
    }
    return std::move(*taken);
}

std::string told(const migrate::SchemaPicture& before, const migrate::SchemaPicture& after) {
    return migrate::readable(migrate::differences(before, after));
}

std::string shown(const migrate::SchemaPicture& picture) {
    std::string text;
    for (const migrate::SchemaObject& object : picture) {
        text.append(object.kind).append(" ").append(object.name).append(": ");
        text.append(object.definition).append("\n");
    }
    return text;
}

void expect_told(Database& database, const std::vector<Change>& changes) {
    migrate::SchemaPicture before = database.picture();
    for (const Change& change : changes) {
        database.run(change.statements);
        migrate::SchemaPicture after = database.picture();
        EXPECT_EQ(told(before, after), change.told) << change.statements.front();
        EXPECT_NE(migrate::hash_of(before), migrate::hash_of(after)) << change.statements.front();
        before = std::move(after);
    }
}

}  // namespace majed::schema_picture
