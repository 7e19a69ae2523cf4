// telemetry.cpp - measurement samples for the quality centre.
//
// Samples are collected and sent once a minute. The quality centre uses them
// to find holes in the coverage of a site. Lost samples do not matter.
//
// Copyright Acme Radio Systems. See LICENSE.
#include "mgmt.hpp"

#include <cstring>
#include <deque>
#include <netdb.h>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

namespace acme::mgmt {

namespace {

constexpr std::size_t kQueueMax = 5000;
constexpr std::size_t kPacketMax = 1200;

std::deque<Sample> queue;

// One line a sample: subscriber, cell, time, signal.
std::string text_of(const Sample &s)
{
    std::ostringstream out;
    out << s.subscriber << ' ' << s.cell << ' ' << s.when << ' ' << s.signal_dbm << '\n';
    return out.str();
}

int open_socket(const std::string &host, std::uint16_t port)
{
    addrinfo hints;
    std::memset(&hints, 0, sizeof(hints));
    hints.ai_socktype = SOCK_DGRAM;

    addrinfo *list = nullptr;
    if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list) != 0)
        return -1;

    int fd = -1;
    for (const addrinfo *a = list; a != nullptr; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd < 0)
            continue;
        if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
            break;
        close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    return fd;
}

}  // namespace

// The oldest sample makes room when the queue is full.
void telemetry_add(const Sample &sample)
{
    if (queue.size() == kQueueMax)
        queue.pop_front();
    queue.push_back(sample);
}

// Sends everything that is queued, in packets of whole lines.
bool telemetry_flush(const std::string &host, std::uint16_t port)
{
    if (queue.empty())
        return true;

    int fd = open_socket(host, port);
    if (fd < 0)
        return false;

    bool good = true;
    std::string packet;
    while (good && !queue.empty()) {
        packet.clear();
        while (!queue.empty()) {
            std::string line = text_of(queue.front());
            if (!packet.empty() && packet.size() + line.size() > kPacketMax)
                break;
            packet += line;
            queue.pop_front();
        }
        good = send(fd, packet.data(), packet.size(), 0) >= 0;
    }
    close(fd);
    return good;
}

}  // namespace acme::mgmt
