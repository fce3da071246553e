"""The tutor: it hands out exercises, checks answers and keeps the learner's work. It knows no interpretability.

Where to look:

    the course      catalogue, workspace (where files stand), stubs/ (untouched modules), problems (errors in words),
                    repository (where it is published)
    who answers     answers, contract (shapes in words)
    checking        checking, running (pytest), report, judge (what checks are written with), misconceptions,
                    pytest_plugin, traces
    the work        workbench (save, undo, reset), exercise_file (the module as text), companions and syntax (splicing),
                    history, progress, parcel (all of it in one file), keeping (that file on a Drive)
    when it breaks  recovery (what every entrance does first), mending, salvage, transplant, update, fastforward, git
    what is seen    cards, cell_cards, buttons, guesses, map
    the doors       notebook (magics), cli, watch
    the proof       proof, proof_steps, pristine, notebook_meter, notebook_numbers; author/ is what course writers run
"""
