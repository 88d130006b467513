/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GONGBAO_BULLETINS_H
#define GONGBAO_BULLETINS_H

/* Seven bulletins to be searched. */

#include "search_fixture.h"

static const char *const BULLETINS[][3] = {
    {"flood", "全市防汛工作会议召开",
     "市委書記周明遠(yuǎn)在會上強調(diào)，要落實“三大戰(zhàn)略任務”，把水庫大壩檢查做細。"},
    {"history", "学习计划", "学习三大战役史，研究战略和策略，略任数职者说明任务。"},
    {"tea", "茶叶收成好于往年", "全市茶叶产量增长23.4%，5G基站进了茶园。周明远到场察看。"},
    {"reform", "改革简报", "坚持“大場景·小切口”，推行“9+1”机制，逐项落实。"},
    {"dam", "水库大坝检查通报", "水库大坝检查发现隐患三处，水库管理单位已整改。公告，通知另发。"},
    {"dam2", "一份通报", "青石水库的大坝完好，另有若干设施需要维护，经费已经列入明年计划。"},
    {"school", "开学通知", "各校九月一日开学，Ｗｉ－Ｆｉ全覆盖。"},
};

static inline void open_bulletins(struct shelf *s)
{
    shelf_open(s, 1);
    SHELF_FILL(s, 0, BULLETINS);
    shelf_serve(s);
}

#endif
