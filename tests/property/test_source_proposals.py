from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.agents.space import cost, dials
from cockpit.agents.sweep import SweepAgent
from cockpit.digest import digest_of
from cockpit.metric import VAL_BPB
from cockpit.ports import Brief, PastTrial
from cockpit.source import normal
from cockpit.source.constants import render, values
from cockpit.source.stage import stage
from cockpit.trial import Candidate, Constant, Declined, Proposal
from tests.unit.test_sweep_agent import Idle

known = {
    "DEPTH": st.integers(1, 24),
    "WIDTH": st.sampled_from([32, 48, 64, 256, 1024]),
    "LR": st.floats(1e-6, 1.0),
    "WARMDOWN_FRAC": st.floats(0.0, 1.0),
    "BATCH": st.integers(1, 512),
    "QK_NORM": st.booleans(),
    "OPTIMIZER": st.sampled_from(["adamw", "muon"]),
    "UNHEARD_OF": st.one_of(st.integers(-9, 99), st.floats(-5, 5), st.booleans()),
    "OFFSET": st.floats(-1.0, 0.0),
}
scripts = st.fixed_dictionaries({}, optional=known)


def text_of(constants: dict[str, Constant]) -> str:
    choices = {"OPTIMIZER": "  # adamw | muon"}
    lines = [
        f"{name} = {render(value)}{choices.get(name, '')}" for name, value in constants.items()
    ]
    return "\n".join([*lines, "print(1)"]) + "\n"


@given(scripts, st.integers(0, 5), st.integers(1, 4))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_proposal_stages_is_new_and_not_too_slow(
    constants: dict[str, Constant], seed: int, turns: int
) -> None:
    text = text_of(constants)
    agent, tried = SweepAgent(seed), {normal.key(text): 0}
    row = PastTrial(
        trial=0,
        lane=None,
        hypothesis="",
        summary="",
        word="keep",
        reason="",
        value=2.0,
        delta=None,
        sigmas=None,
        constants=values(text),
        base=digest_of(text),
    )
    for trial in range(1, turns + 1):
        brief = Brief(
            trial=trial,
            metric=VAL_BPB,
            budget=300.0,
            text=text,
            incumbent=0,
            incumbent_value=2.0,
            sigma=None,
            program="",
            learnings="",
            history=(row,),
            tried=tried,
        )
        proposal = agent.propose(brief, None, Idle())
        if isinstance(proposal, Declined):
            assert len(dials(text)) <= 1
            return
        assert isinstance(proposal, Proposal)
        candidate = stage(proposal, text)
        assert isinstance(candidate, Candidate)
        assert candidate.key not in tried
        tried[candidate.key] = trial
        before, after = cost(values(text)), cost(candidate.constants)
        assert before is None or after is None or after <= 3 * before
