// SPDX-License-Identifier: Apache-2.0
#include "migration/migration_place.h"

#include "doubles/postgres_server.h"
#include "driver/postgres/postgres_driver.h"
#include "driver/sqlite/sqlite_driver.h"
#include "migrate/query_rows.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

namespace majed::migration {

namespace {

using doubles::PostgresServer;

constexpr std::chrono::seconds patience{30};

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::abort();
}

/// One for the program: starting it costs more than every test.
PostgresServer& server() {
    static const std::unique_ptr<PostgresServer> one = [] {
        auto started = PostgresServer::start();
        if (!started) {
            give_up("PostgreSQL does not start: " + started.error().message);
        }
        return std::move(*started);
    }();
    return *one;
}

}  // namespace

Result<std::unique_ptr<driver::Driver>> driver_of(const Words& words) {
    driver::Target target;
    target.access = driver::Access::read_write;
    target.url = words.where;
    if (words.engine == "sqlite") {
        target.url = "sqlite:" + words.where;
        MAJED_TRY_ASSIGN(auto made, driver::sqlite::SqliteDriver::create(std::move(target)));
        return std::unique_ptr<driver::Driver>(std::move(made));
    }
    target.user = PostgresServer::user;
    target.password = Secret(std::string(PostgresServer::password));
    return driver::postgres::open_driver(std::move(target));
}

migrate::MigratorOptions options_of(const Words& words) {
    migrate::MigratorOptions options;
    options.dialect = words.engine == "sqlite" ? migrate::Dialect::sqlite : migrate::Dialect::postgresql;
    options.applied_by = "ann@build7";
    options.tool_version = "9.9";
    options.sqlite_file = words.engine == "sqlite" ? words.where : "";
    return options;
}

Result<std::vector<migrate::Migration>> migrations_in(const std::string& folder, migrate::Dialect dialect) {
    MAJED_TRY_ASSIGN(const auto texts, migrate::read_folder(folder));
    return migrate::read_migrations(dialect, texts);
}

std::unique_ptr<Place> Place::make(std::string_view engine, std::string& missing) {
    auto directory = std::make_unique<driver::sqlite::TemporaryDirectory>();
    if (engine == "sqlite") {
        const std::string file = directory->file("data.db");
        std::ofstream(file).flush();
        return std::make_unique<Place>(Words{"sqlite", file}, std::move(directory));
    }
    missing = PostgresServer::missing();
    if (!missing.empty()) {
        return nullptr;
    }
    Words words{"postgresql", server().target(driver::Access::read_write).url};
    auto place = std::make_unique<Place>(std::move(words), std::move(directory));
    place->run("DROP SCHEMA public CASCADE");
    place->run("CREATE SCHEMA public");
    return place;
}

Place::Place(Words words, std::unique_ptr<driver::sqlite::TemporaryDirectory> directory)
    : options(options_of(words)), words_(std::move(words)), directory_(std::move(directory)) {
    std::filesystem::create_directory(folder());
    auto opened = driver_of(words_);
    if (!opened) {
        give_up(opened.error().message);
    }
    driver_ = std::move(*opened);
}

void Place::put(const std::string& name, std::string_view text) const {
    std::ofstream(folder() + '/' + name, std::ios::binary) << text;
}

void Place::remove(const std::string& name) const {
    std::filesystem::remove(folder() + '/' + name);
}

migrate::Migrator Place::migrator() {
    auto migrations = migrations_in(folder(), options.dialect);
    if (!migrations) {
        give_up(migrations.error().message);
    }
    return {std::move(*migrations), *driver_, options};
}

void Place::run(std::string_view sql) {
    auto connection = driver_->open(deadline_after(patience));
    const auto done = connection ? migrate::change(**connection, sql, {}, deadline_after(patience))
                                 : Result<std::uint64_t>(connection.error());
    if (!done) {
        give_up(std::string(sql) + ": " + done.error().message);
    }
}

void Place::run_as_administrator(std::string_view sql) {
    auto target = server().administrator_target();
    target.access = driver::Access::read_write;
    auto opened = driver::postgres::open_driver(std::move(target));
    auto connection = opened ? (*opened)->open(deadline_after(patience))
                             : Result<std::unique_ptr<driver::Connection>>(opened.error());
    const auto done = connection ? migrate::change(**connection, sql, {}, deadline_after(patience))
                                 : Result<std::uint64_t>(connection.error());
    if (!done) {
        give_up(std::string(sql) + ": " + done.error().message);
    }
}

std::string Place::ask(std::string_view sql) {
    auto connection = driver_->open(deadline_after(patience));
    const auto rows = connection ? migrate::fetch(**connection, sql, {}, deadline_after(patience))
                                 : Result<std::vector<migrate::Row>>(connection.error());
    if (!rows || rows->empty() || rows->front().empty()) {
        return "-";
    }
    const Value& cell = rows->front().front();
    return std::holds_alternative<std::string>(cell) ? migrate::text_of(cell)
                                                     : std::to_string(migrate::integer_of(cell));
}

bool Place::has_table(const std::string& name) {
    return ask("SELECT count(*) FROM " + name) != "-";
}

}  // namespace majed::migration
