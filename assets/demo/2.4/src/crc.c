/*
 * crc.c - checksums of frames and transport blocks.
 *
 * Bit by bit, no tables: the node checks a few hundred control frames a
 * second and the code has to be easy to review. None of this protects
 * against an attacker; it finds transmission errors.
 *
 * Copyright Acme Radio Systems. See LICENSE.
 */
#include "ran.h"

#define CRC16_POLY 0x1021u
#define CRC24_POLY 0x864cfbu

/* Sixteen bits, start value all ones, most significant bit first. */
uint16_t crc16(const uint8_t *p, size_t n)
{
    uint16_t crc = 0xffffu;
    size_t i;
    int bit;

    for (i = 0; i < n; i++) {
        crc = (uint16_t)(crc ^ (uint16_t)(p[i] << 8));
        for (bit = 0; bit < 8; bit++) {
            if (crc & 0x8000u)
                crc = (uint16_t)((crc << 1) ^ CRC16_POLY);
            else
                crc = (uint16_t)(crc << 1);
        }
    }
    return crc;
}

/* Twenty-four bits, start value zero, most significant bit first. */
uint32_t crc24(const uint8_t *p, size_t n)
{
    uint32_t crc = 0;
    size_t i;
    int bit;

    for (i = 0; i < n; i++) {
        crc ^= (uint32_t)p[i] << 16;
        for (bit = 0; bit < 8; bit++) {
            crc <<= 1;
            if (crc & 0x1000000u)
                crc ^= 0x1000000u | CRC24_POLY;
        }
    }
    return crc & 0xffffffu;
}

/*
 * A frame carries its checksum in the last two bytes. Returns RAN_OK when
 * it is right. An empty body is not a frame.
 */
int crc_check_frame(const uint8_t *p, size_t n)
{
    uint16_t want;

    if (p == NULL || n < 3)
        return RAN_ERR_SHORT;
    want = (uint16_t)((p[n - 2] << 8) | p[n - 1]);
    return crc16(p, n - 2) == want ? RAN_OK : RAN_ERR_FORM;
}
