/// A driver whose n-th call loses the connection, over one that works.
///
/// Why      A run may be cut off anywhere; what the ledger says afterwards must be true.
/// Life     Over the real driver, which outlives it.
/// Threads  One.
/// Not here The tests (faults_test.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/driver.h"

#include <memory>
#include <utility>

namespace majed::migration {

/// Whether the call that is cut off was carried out.
enum class Cut { before, behind };

struct FaultPlan {
    int calls_left = -1;  ///< Of calls that still succeed; negative: all.
    Cut cut = Cut::before;
    bool happened = false;
};

class FaultyConnection final : public driver::Connection {
public:
    FaultyConnection(std::unique_ptr<driver::Connection> real, FaultPlan& plan)
        : real_(std::move(real)), plan_(plan) {}

    Result<void> ping(Deadline deadline) override {
        return call([&] { return real_->ping(deadline); });
    }
    Result<void> reset(Deadline deadline) override {
        return call([&] { return real_->reset(deadline); });
    }
    void interrupt() noexcept override {}
    bool reusable() const noexcept override { return real_ != nullptr && real_->reusable(); }
    void abandon() noexcept override {}
    Result<driver::StatementDescription> prepare(std::string_view sql, Deadline deadline) override {
        return call([&] { return real_->prepare(sql, deadline); });
    }
    Result<driver::RunSummary> execute(std::string_view sql, const driver::Parameters& parameters,
                                       const driver::RunLimits& limits, driver::RowSink& sink) override {
        return call([&] { return real_->execute(sql, parameters, limits, sink); });
    }
    Result<driver::BatchSummary> execute_many(std::string_view sql, std::span<const std::vector<Value>> rows,
                                              Deadline deadline) override {
        return call([&] { return real_->execute_many(sql, rows, deadline); });
    }
    Result<void> begin(driver::TransactionMode mode, Deadline deadline) override {
        return call([&] { return real_->begin(mode, deadline); });
    }
    Result<void> commit(Deadline deadline) override {
        return call([&] { return real_->commit(deadline); }, ErrorCode::in_doubt);
    }
    Result<void> rollback(Deadline deadline) override {
        return call([&] { return real_->rollback(deadline); });
    }
    bool in_transaction() const noexcept override { return real_ != nullptr && real_->in_transaction(); }
    Result<void> identify(const driver::SessionIdentity& identity, Deadline deadline) override {
        return call([&] { return real_->identify(identity, deadline); });
    }

private:
    template <class Work>
    auto call(const Work& work, ErrorCode cut_off = ErrorCode::unavailable) -> decltype(work()) {
        const Error lost{
            .code = cut_off,
            .message = "the connection is lost",
            .failure = cut_off == ErrorCode::in_doubt ? FailureClass::in_doubt : FailureClass::lost};
        if (real_ == nullptr) {
            return Error{.code = ErrorCode::unavailable, .message = "gone", .failure = FailureClass::lost};
        }
        if (plan_.calls_left != 0) {
            plan_.calls_left -= plan_.calls_left > 0 ? 1 : 0;
            return work();
        }
        if (plan_.cut == Cut::behind) {
            static_cast<void>(work());
        }
        plan_.calls_left = -1;
        plan_.happened = true;
        real_.reset();
        return lost;
    }

    std::unique_ptr<driver::Connection> real_;
    FaultPlan& plan_;
};

class FaultyDriver final : public driver::Driver {
public:
    FaultyDriver(driver::Driver& real, FaultPlan plan) : real_(real), plan_(plan) {}

    std::string_view name() const noexcept override { return real_.name(); }
    Result<std::unique_ptr<driver::Connection>> open(Deadline deadline) override {
        MAJED_TRY_ASSIGN(auto opened, real_.open(deadline));
        return std::unique_ptr<driver::Connection>(
            std::make_unique<FaultyConnection>(std::move(opened), plan_));
    }
    Result<std::unique_ptr<driver::Session>> open_session(std::shared_ptr<const driver::GuardSet>,
                                                          Deadline) override {
        return Error{ErrorCode::unsupported, "no sessions here"};
    }
    Result<driver::SchemaDescription> read_schema(driver::Connection&, Deadline) override {
        return Error{ErrorCode::unsupported, "no catalogue here"};
    }
    [[nodiscard]] bool happened() const noexcept { return plan_.happened; }

private:
    driver::Driver& real_;
    FaultPlan plan_;
};

}  // namespace majed::migration
