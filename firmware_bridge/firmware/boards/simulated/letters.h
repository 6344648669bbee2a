/* Made by `python -m firmware_bridge.emulator.letters_in_c`; do not edit. */
#ifndef SG_LETTERS_H
#define SG_LETTERS_H

#include "board.h"

enum sg_letter {
    SG_KIYEOK, /* ㄱ */
    SG_NIEUN, /* ㄴ */
    SG_TIKEUT, /* ㄷ */
    SG_RIEUL, /* ㄹ */
    SG_MIEUM, /* ㅁ */
    SG_PIEUP, /* ㅂ */
    SG_SIOS, /* ㅅ */
    SG_IEUNG, /* ㅇ */
    SG_CIEUC, /* ㅈ */
    SG_CHIEUCH, /* ㅊ */
    SG_KHIEUKH, /* ㅋ */
    SG_THIEUTH, /* ㅌ */
    SG_PHIEUPH, /* ㅍ */
    SG_HIEUH, /* ㅎ */
    SG_A, /* ㅏ */
    SG_YA, /* ㅑ */
    SG_EO, /* ㅓ */
    SG_YEO, /* ㅕ */
    SG_O, /* ㅗ */
    SG_YO, /* ㅛ */
    SG_U, /* ㅜ */
    SG_YU, /* ㅠ */
    SG_EU, /* ㅡ */
    SG_I, /* ㅣ */
    SG_NO_LETTER,
};

#define SG_MOVE_US 350000u /* from one letter to the next */
#define SG_HOLD_US 1600000u /* at each letter */
#define SG_REST_US 1500000u /* at the start */
#define SG_ADC_MAX 1023.0f

struct sg_hand_shape {
    float flex[SG_FINGERS];  /* ADC counts */
    float angles[3];         /* degrees: pitch, roll, yaw */
    float noise[SG_FINGERS]; /* standard deviation of the flex readings, ADC counts */
};

extern const struct sg_hand_shape sg_hand_shapes[SG_NO_LETTER]; /* by letter */
extern const struct sg_hand_shape sg_hand_open;                 /* in the middle of all letters */
extern const struct sg_hand_shape sg_hand_rest;                 /* the same, pointing where yaw is 0 */

#endif
