/* What a harness prints: one fact a line, a word and numbers; and the instructions that something takes. */
#ifndef REPORT_H
#define REPORT_H

#include "board.h"

static void say(const char *word)
{
    while (*word) {
        board_put(*word++);
    }
}

static void say_number(uint32_t number)
{
    char digits[10];
    int count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    board_put(' ');
    while (count) {
        board_put(digits[--count]);
    }
}

static void say_figure(const char *word, uint32_t number)
{
    say(word);
    say_number(number);
    board_put('\n');
}

static uint32_t since(uint32_t begin)
{
    static uint32_t reading; /* the cost of reading the counter */
    if (!reading) {
        const uint32_t one = board_instructions();
        reading = board_instructions() - one;
    }
    return board_instructions() - begin - reading;
}

#endif
