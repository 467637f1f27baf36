/// What every scenario starts from: the double with an empty script and a database of its own.
///
/// Why      Scenarios share one process and one double, and must not meet each other's tables.
/// Life     Per test.
/// Threads  The test's.
/// Not here The scenarios.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "doubles/oci/remote/oci_double.h"
#include "odpi_session.h"

namespace majed::oracle_client {

const doubles::OciDouble& oci_double();

class OdpiOnDouble : public testing::Test {
protected:
    void SetUp() override;
    void TearDown() override;

    /// Of this test alone.
    std::string service() const;
    std::string target() const { return "double/" + service(); }
};

}  // namespace majed::oracle_client
