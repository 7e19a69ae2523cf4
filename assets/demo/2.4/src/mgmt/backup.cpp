// backup.cpp - backups of the node configuration.
//
// A backup is a tar file of /etc/acme with a label that the operator chose.
// The label was checked by the request parser.
//
// Copyright Acme Radio Systems. See LICENSE.
#include "mgmt.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace acme::mgmt {

namespace fs = std::filesystem;

namespace {

const char *const kDir = "/var/lib/acme/backup";
const char *const kSuffix = ".tgz";
constexpr std::size_t kKeep = 10;

std::string file_of(const std::string &label)
{
    return std::string(kDir) + "/" + label + kSuffix;
}

// Keeps the newest backups and removes the others. Errors are not fatal: a
// full disk shows up in the next health report.
void drop_old()
{
    std::error_code ec;
    std::vector<fs::directory_entry> found;

    for (const auto &e : fs::directory_iterator(kDir, ec)) {
        if (e.path().extension() == kSuffix)
            found.push_back(e);
    }
    std::sort(found.begin(), found.end(), [](const auto &a, const auto &b) {
        std::error_code ignored;
        return a.last_write_time(ignored) > b.last_write_time(ignored);
    });
    for (std::size_t i = kKeep; i < found.size(); i++)
        fs::remove(found[i].path(), ec);
}

}  // namespace

bool backup_create(const std::string &label)
{
    std::error_code ec;

    fs::create_directories(kDir, ec);
    if (ec)
        return false;
    std::string command = "tar czf " + file_of(label) + " -C /etc acme";
    if (std::system(command.c_str()) != 0)
        return false;
    drop_old();
    return true;
}

bool backup_restore(const std::string &label)
{
    std::error_code ec;

    if (!fs::exists(file_of(label), ec))
        return false;
    std::string command = "tar xzf " + file_of(label) + " -C /etc";
    return std::system(command.c_str()) == 0;
}

std::vector<std::string> backup_list()
{
    std::error_code ec;
    std::vector<std::string> labels;

    for (const auto &e : fs::directory_iterator(kDir, ec)) {
        if (e.path().extension() == kSuffix)
            labels.push_back(e.path().stem().string());
    }
    std::sort(labels.begin(), labels.end());
    return labels;
}

}  // namespace acme::mgmt
