/// A change of the primary store as its journal hears of it: who, what, how it was before and after.
///
/// Why      No operation can write without naming its change, so none can forget the audit.
/// Life     Values; a journal outlives the stores that tell it.
/// Threads  A journal is called from any thread.
/// Not here Transactions (store_connection.h), the audit trail itself (app/ joins it to this).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"
#include "core/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace majed::store {

/// Who asks for a change, and from where.
struct Actor {
    std::optional<std::int64_t> user_id = {};  ///< Absent: a client, or who holds the files.
    std::string name = "local";                ///< `local` holds the files: the operating system knows who.
    std::string role = {};
    std::string ip_address = {};
    std::string user_agent = {};
    std::string request_id = {};
};

/// Every operation that changes the store on somebody's behalf.
enum class Operation : std::uint8_t {
    user_add,
    user_set_password,
    user_set_role,
    user_set_attribute,
    user_enable,
    user_disable,
    user_delete,
    client_add,
    client_rotate,
    client_revoke,
    session_open,
    session_close,
    token_issue,
    configuration_set,
    configuration_reset,
    conversation_add,
    conversation_delete,
    conversations_expire,
    source_set_password,
    source_forget_password,
};

/// Whether how the thing was and is may lie open in the audit.
enum class Sensitivity : std::uint8_t { open, sensitive };

struct OperationTraits {
    Operation operation;
    std::string_view action;    ///< As the audit names it.
    std::string_view resource;  ///< Kind of thing.
    Sensitivity images = Sensitivity::open;
};

inline constexpr std::array<OperationTraits, 20> operations{{
    {Operation::user_add, "user.add", "user", Sensitivity::sensitive},
    {Operation::user_set_password, "user.set_password", "user"},
    {Operation::user_set_role, "user.set_role", "user"},
    {Operation::user_set_attribute, "user.set_attribute", "user", Sensitivity::sensitive},
    {Operation::user_enable, "user.enable", "user"},
    {Operation::user_disable, "user.disable", "user"},
    {Operation::user_delete, "user.delete", "user"},
    {Operation::client_add, "client.add", "client"},
    {Operation::client_rotate, "client.rotate", "client"},
    {Operation::client_revoke, "client.revoke", "client"},
    {Operation::session_open, "login", "user"},
    {Operation::session_close, "logout", "user"},
    {Operation::token_issue, "token.issue", "client"},
    {Operation::configuration_set, "configuration.set", "configuration"},
    {Operation::configuration_reset, "configuration.reset", "configuration"},
    {Operation::conversation_add, "conversation.add", "conversation"},
    {Operation::conversation_delete, "conversation.delete", "conversation"},
    {Operation::conversations_expire, "conversations.expire", "conversation"},
    {Operation::source_set_password, "source.set_password", "source"},
    {Operation::source_forget_password, "source.forget_password", "source"},
}};

[[nodiscard]] constexpr const OperationTraits& traits_of(Operation operation) noexcept {
    return operations[static_cast<std::size_t>(operation)];
}

struct Change {
    const Actor& actor;
    Operation operation;
    std::string resource_id;  ///< Name or public id; never a secret.
};

/// How the thing was and is: JSON objects without secrets; empty: it was not, is not, or nothing worth telling.
struct Images {
    std::string before = {};
    std::string after = {};
};

/// Hears of a change twice: before anything is written, and when it is known what became of it.
class ChangeJournal {
public:
    ChangeJournal() = default;
    ChangeJournal(const ChangeJournal&) = delete;
    ChangeJournal& operator=(const ChangeJournal&) = delete;
    virtual ~ChangeJournal() = default;

    /// Durable when it returns; the answer joins the two records. Errors: then nothing is changed.
    [[nodiscard]] virtual Result<std::string> intend(const Change& change) = 0;
    /// `failure` is null when the change was made.
    [[nodiscard]] virtual Result<void> conclude(const std::string& event, const Change& change,
                                                const Images& images, const Error* failure) = 0;
};

}  // namespace majed::store
