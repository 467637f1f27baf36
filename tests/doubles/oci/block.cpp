// SPDX-License-Identifier: Apache-2.0
#include "block.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "access_policies.h"
#include "session.h"

namespace majed::oci_double {
namespace {

using CallArguments = std::vector<std::string>;

std::string argument(const CallArguments& arguments, std::size_t index) {
    return index < arguments.size() ? arguments[index] : std::string{};
}

Failure sleep_for(Session& session, const CallArguments& arguments) {
    const double seconds = std::strtod(argument(arguments, 0).c_str(), nullptr);
    return session.sleep(std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)});
}

Failure unknown(const std::string& name) {
    return oracle_error(6550, "PLS-00201: identifier '" + name + "' must be declared");
}

Failure call(Session& session, const std::string& name, const CallArguments& arguments) {
    if (const auto done = call_context_package(session, name, arguments)) {
        return *done;
    }
    if (name == "DBMS_SESSION.SET_IDENTIFIER") {
        session.attribute(attribute::client_identifier) = argument(arguments, 0);
    } else if (name == "DBMS_SESSION.CLEAR_IDENTIFIER") {
        session.attribute(attribute::client_identifier).clear();
    } else if (name == "DBMS_SESSION.SET_CONTEXT" && upper(argument(arguments, 0)) == "MAJED_CTX") {
        return oracle_error(1031);
    } else if (name == "DBMS_SESSION.SET_CONTEXT") {
        session.set_context(upper(argument(arguments, 0)), upper(argument(arguments, 1)),
                            argument(arguments, 2));
    } else if (name == "DBMS_SESSION.CLEAR_CONTEXT" || name == "DBMS_SESSION.CLEAR_ALL_CONTEXT") {
        session.clear_contexts(upper(argument(arguments, 0)));
    } else if (name == "DBMS_APPLICATION_INFO.SET_MODULE") {
        session.attribute(attribute::module) = argument(arguments, 0);
        session.attribute(attribute::action) = argument(arguments, 1);
    } else if (name == "DBMS_APPLICATION_INFO.SET_ACTION") {
        session.attribute(attribute::action) = argument(arguments, 0);
    } else if (name == "DBMS_APPLICATION_INFO.SET_CLIENT_INFO") {
        session.attribute(attribute::client_info) = argument(arguments, 0);
    } else if (name == "DBMS_LOCK.SLEEP" || name == "DBMS_SESSION.SLEEP") {
        return sleep_for(session, arguments);
    } else if (name != "DBMS_SESSION.RESET_PACKAGE" && name != "DBMS_SESSION.MODIFY_PACKAGE_STATE" &&
               name != "NULL") {
        return unknown(name);
    }
    return std::nullopt;
}

/// BEGIN a.b(x, :y); c.d; END;
class BlockRunner {
public:
    BlockRunner(Session& session, const Translation& translation,
                const std::function<std::string(std::size_t)>& bind)
        : session_(session), tokens_(translation.scanned.tokens), bind_(bind) {}

    Failure run() {
        const bool is_call = at(0).is("CALL");
        index_ = 1;
        while (at(index_).kind != TokenKind::end && !at(index_).is("END")) {
            if (const Failure failure = run_one()) {
                return failure;
            }
            index_ += at(index_).is_symbol(";") ? 1U : 0U;
        }
        if (!is_call && !at(index_).is("END")) {
            return oracle_error(6550, "PLS-00103: Encountered the symbol \"end-of-file\"");
        }
        return std::nullopt;
    }

private:
    const Token& at(std::size_t index) const { return tokens_[std::min(index, tokens_.size() - 1)]; }

    Failure run_one() {
        std::string name;
        while (at(index_).is_name() || at(index_).is_symbol(".")) {
            name += at(index_++).text;
        }
        if (name.starts_with("SYS.")) {
            name.erase(0, 4);
        }
        if (name.empty()) {
            return oracle_error(6550, "PLS-00103: Encountered the symbol \"" + at(index_).text + "\"");
        }
        CallArguments arguments;
        if (at(index_).is_symbol("(")) {
            for (++index_; at(index_).kind != TokenKind::end && !at(index_).is_symbol(")"); ++index_) {
                take_argument(arguments);
            }
            ++index_;
        }
        return call(session_, name, arguments);
    }

    void take_argument(CallArguments& arguments) {
        const Token& token = at(index_);
        if (token.kind == TokenKind::bind) {
            arguments.push_back(bind_(binds_++));
        } else if (token.kind == TokenKind::text || token.kind == TokenKind::number) {
            arguments.push_back(token.text);
        } else if (token.is("NULL")) {
            arguments.emplace_back();
        }
    }

    Session& session_;
    const std::vector<Token>& tokens_;
    const std::function<std::string(std::size_t)>& bind_;
    std::size_t index_ = 0;
    std::size_t binds_ = 0;
};

}  // namespace

Failure run_block(Session& session, const Translation& translation,
                  const std::function<std::string(std::size_t)>& bind) {
    return BlockRunner(session, translation, bind).run();
}

}  // namespace majed::oci_double
