// SPDX-License-Identifier: Apache-2.0
#include "odpi_fixture.h"

#include <cstdlib>
#include <filesystem>

namespace majed::oracle_client {
namespace {

/// Ends with the process.
class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "majed-oci-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace

const doubles::OciDouble& oci_double() {
    static const Folder folder;
    static const doubles::OciDouble only{folder.path(), "good"};
    return only;
}

void OdpiOnDouble::SetUp() {
    oci_double().script("server up");
    context();
}

void OdpiOnDouble::TearDown() {
    oci_double().script("server up");
    EXPECT_EQ(oci_double().sessions_open(), 0U);
}

std::string OdpiOnDouble::service() const {
    return testing::UnitTest::GetInstance()->current_test_info()->name();
}

}  // namespace majed::oracle_client
