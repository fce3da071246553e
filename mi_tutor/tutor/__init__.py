"""The tutor: it hands out exercises, checks answers and keeps the learner's work. It knows no interpretability.

Where to look: `catalogue` (what exercises there are), `answers` (who answers a call), `contract` (shapes in words),
`checking` (running checks), `misconceptions` (naming known mistakes), `workbench` (saving, undo, reset),
`progress` (what was done), `cards` (what the learner sees), `notebook` and `cli` (the two front doors),
`author` (what course writers run).
"""
