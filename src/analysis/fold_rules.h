/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_ANALYSIS_FOLD_RULES_H
#define GONGBAO_ANALYSIS_FOLD_RULES_H

/* What the generator of the fold table knows besides the data of others. FOLD.md says the rules in
 * words; a change here is a change there. */

#include <stdint.h>

/* Characters that are written for one another and that no compatibility mapping joins. */
static const struct {
    uint32_t to;
    const char *from;
} alike[] = {
    {'"', "“”„‟「」『』〝〞〟«»‹›″‴⁗‶‷⹂❝❞❠ʺ"},
    {'\'', "‘’‚‛′‵´ʹʻʼʽ❛❜❟"},
    {0xb7, "・•‧∙⋅●᛫⸱⸳⦁ꞏ˙◦‣⁃"},
    {'-', "‐‒–−᐀"},
    {0x2014, "―─━⸺⸻"},
    {':', "∶꞉︰ː"},
    {'/', "∕⁄"},
    {'~', "〜∼⁓〰"},
    {'(', "[〔【〖〘〚⟦❲"},
    {')', "]〕】〗〙〛⟧❳"},
    {0x3007, "○◯"},
    {'1', "❶➀➊⓵"},
    {'2', "❷➁➋⓶"},
    {'3', "❸➂➌⓷"},
    {'4', "❹➃➍⓸"},
    {'5', "❺➄➎⓹"},
    {'6', "❻➅➏⓺"},
    {'7', "❼➆➐⓻"},
    {'8', "❽➇➑⓼"},
    {'9', "❾➈➒⓽"},
    {'a', "ɑ"},
    {'g', "ɡ"},
};

/* Simplified characters that writers and converters put for one another, always in words that do
 * not differ in anything else: 座标 坐标, 图象 图像, 帐户 账户, 沈没 沉没, 一百〇一 一百零一. */
static const char *const swapped[] = {
    "坐座",
    "象像",
    "账帐",
    "沉沈",
    "熏薰",

    "它牠",
    "你妳",
    "零〇",
    /* The forms of older print, where no table has them. */
    "青靑",
    "清淸",
    "尚尙",
    "颠顚",
    "慎愼",
    "概槪",
    "宁寕",
    "举擧",
    "冰氷",
};

static const char connectors[] = ".'-_/:&@~";
static const char points[] = ".'";
static const char dropped_marks[] = "\"`·®™℠©";
static const char text_marks[] = "%‰‱#*§†‡※";
static const char separator_symbols[] = "<>|¦⋯￼";

/* Pictures, arrows, boxes and bullets, which separate unless they are numbers or letters. */
static const struct {
    uint32_t from, to;
} pictures[] = {
    {0x2190, 0x21ff},   /* arrows */
    {0x2500, 0x27bf},   /* boxes, shapes, stars, dingbats */
    {0x2900, 0x297f},   /* arrows */
    {0x2b00, 0x2bff},   /* arrows and shapes */
    {0xf000, 0xf0ff},   /* bullets of symbol fonts, as word processors leave them */
    {0x1f000, 0x1faff}, /* emoji */
};

/* Letters in name only, which show nothing. */
static const uint32_t fillers[] = {0x115f, 0x1160, 0x3164, 0xffa0};

/* Braille's empty cell, which stands for a space. */
#define BLANK_CELL 0x2800

#endif
