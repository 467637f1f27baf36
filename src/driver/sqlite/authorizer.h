/// The engine's own lock: asked by SQLite for everything a statement being compiled wants to touch.
///
/// Why      Deny by default: what this does not name is refused, also when the parser before it missed it.
/// Life     Installed once, after the guards; outlives the connection it is installed on.
/// Threads  As its connection.
/// Not here Columns merged by USING and NATURAL: SQLite never asks about them, program_audit.h sees them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/sqlite/guard_index.h"

#include <string_view>

struct sqlite3;

namespace majed::driver::sqlite {

class Authorizer {
public:
    explicit Authorizer(const GuardIndex& index) noexcept : index_(index) {}
    Authorizer(const Authorizer&) = delete;
    Authorizer& operator=(const Authorizer&) = delete;
    ~Authorizer() = default;

    /// From now on everything compiled on `database` is asked for. Expires what was compiled before.
    void install(sqlite3* database);

    /// While one of these lives, statements are judged by `scope`; without one nothing is allowed.
    class Judging {
    public:
        Judging(Authorizer& authorizer, const StatementScope& scope) noexcept : authorizer_(authorizer) {
            authorizer_.scope_ = &scope;
        }
        Judging(const Judging&) = delete;
        Judging& operator=(const Judging&) = delete;
        ~Judging() { authorizer_.scope_ = nullptr; }

    private:
        Authorizer& authorizer_;
    };

    /// While one of these lives the session runs a statement of its own, never a user's.
    class OwnWork {
    public:
        explicit OwnWork(Authorizer& authorizer) noexcept : authorizer_(authorizer) {
            authorizer_.own_work_ = true;
        }
        OwnWork(const OwnWork&) = delete;
        OwnWork& operator=(const OwnWork&) = delete;
        ~OwnWork() { authorizer_.own_work_ = false; }

    private:
        Authorizer& authorizer_;
    };

private:
    /// The arguments of SQLite's callback; empty where SQLite passes NULL.
    struct Question {
        int action;
        std::string_view first;
        std::string_view second;
        std::string_view schema;
        std::string_view accessor;
    };
    // The signature is SQLite's. NOLINTNEXTLINE(readability-function-size)
    static int answer(void* self, int action, const char* first, const char* second, const char* schema,
                      const char* accessor);
    [[nodiscard]] bool allows(const Question& question) const;
    [[nodiscard]] bool allows_function(const Question& question) const;
    [[nodiscard]] bool allows_read(const Question& question) const;
    [[nodiscard]] bool allows_base_read(const Question& question) const;
    [[nodiscard]] bool allows_write(const Question& question) const;
    [[nodiscard]] bool allows_read_by_write(const Question& question) const;
    [[nodiscard]] bool allows_json(const Question& question) const;

    const GuardIndex& index_;
    const StatementScope* scope_ = nullptr;
    bool own_work_ = false;
};

}  // namespace majed::driver::sqlite
