/*
 * test_codec.c - checks of the registration codec and of the checksums.
 *
 * Copyright Acme Radio Systems. See LICENSE.
 */
#include <stdio.h>
#include <string.h>

#include "ran.h"

static int failed;

#define CHECK(what)                                                   \
    do {                                                              \
        if (!(what)) {                                                \
            printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #what); \
            failed++;                                                 \
        }                                                             \
    } while (0)

static void there_and_back(void)
{
    struct nas_registration a;
    struct nas_registration b;
    uint8_t buf[64];
    int n;

    memset(&a, 0, sizeof(a));
    a.kind = 1;
    a.key_set = 7;
    a.mobile_id_len = 3;
    memcpy(a.mobile_id, "\x21\x43\xf5", 3);
    a.capability_len = 2;
    a.capability[0] = 0xe0;
    a.follow_on = 1;

    n = nas_encode_registration(&a, buf, sizeof(buf));
    CHECK(n == 14);
    CHECK(nas_decode_registration(buf, (size_t)n, &b) == RAN_OK);
    CHECK(memcmp(&a, &b, sizeof(a)) == 0);
}

static void every_short_input_is_refused(void)
{
    static const uint8_t good[] = { 0x7e, 0x71, 0x77, 0x03, 0x21, 0x43, 0xf5 };
    struct nas_registration r;
    size_t n;

    for (n = 0; n < sizeof(good); n++)
        CHECK(nas_decode_registration(good, n, &r) != RAN_OK);
    CHECK(nas_decode_registration(good, sizeof(good), &r) == RAN_OK);
}

static void an_element_twice_is_refused(void)
{
    static const uint8_t twice[] = { 0x7e, 0x71, 0x77, 0x01, 0xf1, 0x77, 0x01, 0xf1 };
    struct nas_registration r;

    CHECK(nas_decode_registration(twice, sizeof(twice), &r) == RAN_ERR_FORM);
}

static void digits(void)
{
    char text[8];

    CHECK(nas_digits((const uint8_t *)"\x21\x43\xf5", 3, text, sizeof(text)) == 5);
    CHECK(strcmp(text, "12345") == 0);
    CHECK(nas_digits((const uint8_t *)"\xf1\x32", 2, text, sizeof(text)) == RAN_ERR_FORM);
    CHECK(nas_digits((const uint8_t *)"\x21\x43", 2, text, 4) == RAN_ERR_FULL);
}

static void checksums(void)
{
    static const uint8_t text[] = "123456789";
    uint8_t frame[11];

    CHECK(crc16(text, 9) == 0x29b1);
    CHECK(crc24(text, 9) == 0xcde703);
    memcpy(frame, text, 9);
    frame[9] = 0x29;
    frame[10] = 0xb1;
    CHECK(crc_check_frame(frame, sizeof(frame)) == RAN_OK);
    frame[3] ^= 1;
    CHECK(crc_check_frame(frame, sizeof(frame)) == RAN_ERR_FORM);
    CHECK(crc_check_frame(frame, 2) == RAN_ERR_SHORT);
}

int main(void)
{
    there_and_back();
    every_short_input_is_refused();
    an_element_twice_is_refused();
    digits();
    checksums();
    printf("%d checks failed\n", failed);
    return failed != 0;
}
