// SPDX-License-Identifier: Apache-2.0
// What a test in Python cannot do by itself: sealed texts in a store, and whether each of them opens.
//   majed_sealed_rows fill STORE KEY COUNT     so many conversations more, of the first user
//   majed_sealed_rows write STORE KEY          one after the other until the input ends; says how many
//   majed_sealed_rows check STORE KEY          opens all; says how many there are
//   majed_sealed_rows rotate STORE KEY         a new root in the key file and nothing else
#include "crypto/key_file.h"
#include "store/records.h"
#include "store/store_seals.h"

#include <poll.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>

namespace {

using namespace majed;
using driver::sqlite::Database;
using store::Sealed;

Result<void> insert(Database& database, store::StoreSeals& seals) {
    MAJED_TRY_ASSIGN(auto rows,
                     database.prepare("SELECT 1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name ="
                                      " 'conversations'), 0)"));
    MAJED_TRY(rows.step());
    const std::int64_t id = rows.integer(0);
    rows.reset();
    const std::string text = std::to_string(id) + " " + std::string(300, 'x');
    MAJED_TRY_ASSIGN(std::string message, seals.seal(database, Sealed::message, id, "message " + text));
    MAJED_TRY_ASSIGN(std::string response, seals.seal(database, Sealed::response, id, "response " + text));
    MAJED_TRY(store::change(database,
                            "INSERT INTO conversations (id, user_id, session_id, message, response)"
                            " VALUES (?1, 1, 'test', ?2, ?3)",
                            {id, std::move(message), std::move(response)}));
    return {};
}

Result<void> fill(Database& database, store::StoreSeals& seals, int count) {
    MAJED_TRY(database.execute("BEGIN IMMEDIATE"));
    for (int i = 0; i < count; ++i) MAJED_TRY(insert(database, seals));
    return database.execute("COMMIT");
}

Result<void> write(Database& database, store::StoreSeals& seals) {
    pollfd input{.fd = 0, .events = POLLIN, .revents = 0};
    int count = 0;
    while (::poll(&input, 1, 5) == 0) {
        MAJED_TRY(fill(database, seals, 1));
        if (++count == 1) {
            std::printf("writing\n");
            std::fflush(stdout);
        }
    }
    std::printf("%d\n", count);
    return {};
}

Result<void> check(Database& database, store::StoreSeals& seals) {
    MAJED_TRY_ASSIGN(auto rows, database.prepare("SELECT id, message, response FROM conversations"));
    int count = 0;
    MAJED_TRY_ASSIGN(bool more, rows.step());
    while (more) {
        const std::int64_t id = rows.integer(0);
        MAJED_TRY_ASSIGN(const Secret message, seals.open(Sealed::message, id, rows.text(1)));
        MAJED_TRY_ASSIGN(const Secret response, seals.open(Sealed::response, id, rows.text(2)));
        const std::string number = std::to_string(id) + " ";
        if (!message.reveal().starts_with("message " + number) ||
            !response.reveal().starts_with("response " + number)) {
            return Error{ErrorCode::internal, "row " + number + "holds another text"};
        }
        count += 2;
        MAJED_TRY_ASSIGN(more, rows.step());
    }
    std::printf("%d\n", count);
    return {};
}

Result<void> run(std::span<char*> arguments) {
    const std::string what = arguments[1];
    store::StoreSeals seals(arguments[3]);
    MAJED_TRY_ASSIGN(auto database, Database::open(arguments[2], driver::sqlite::OpenMode::read_write));
    if (what == "fill") return fill(database, seals, std::atoi(arguments[4]));
    if (what == "write") return write(database, seals);
    if (what == "check") return check(database, seals);
    MAJED_TRY(crypto::KeyFile::rotate(arguments[3], crypto::RootTime(std::chrono::seconds(1))));
    return {};
}

}  // namespace

int main(int count, char** values) {
    const std::span<char*> arguments(values, static_cast<std::size_t>(count));
    if (arguments.size() < 4 || (std::string(arguments[1]) == "fill" && arguments.size() < 5)) return 2;
    const auto done = run(arguments);
    if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
    return done ? 0 : 1;
}
