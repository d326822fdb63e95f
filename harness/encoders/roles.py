"""What each linear map of a transformer layer is for, under one name in every family.

BERT, RoBERTa and ELECTRA call the map of the queries `attention.self.query`, DistilBERT
`attention.q_lin`, MPNet `attention.attn.q`, BART `self_attn.q_proj`, and ModernBERT and GPT-2 have
one map for queries, keys and values. Masks are chosen and reported by role.
"""

from data.errors import UnknownNameError

ATTENTION = ("query", "key", "value", "query-key-value", "attention-output")
FEED_FORWARD = ("intermediate", "output")
ROLES = (*ATTENTION, *FEED_FORWARD)
"""Roles in the order of the forward pass."""

_WORDS = {
    "query": "query q_lin q q_proj query_proj",
    "key": "key k_lin k k_proj key_proj",
    "value": "value v_lin v v_proj value_proj",
    "query-key-value": "Wqkv c_attn",
    "attention-output": "out_lin out_proj o",
    "intermediate": "lin1 Wi wi wi_0 wi_1 fc1 c_fc ffn",
    "output": "lin2 wo fc2 ffn_output",
}
"""Role to the last words of paths that mean it in any family."""

_LAST_WORDS = {word: role for role, words in _WORDS.items() for word in words.split()}


def role_of(path: str) -> str:
    """The role of a linear map, or its own path where the family is not known.

    `path`: dotted name within a transformer layer, such as `attention.self.query`.
    """
    *parents, last = path.split(".")
    if last in _LAST_WORDS:
        return _LAST_WORDS[last]
    in_attention = any(parent.startswith("attn") or parent == "attention" for parent in parents)
    if last == "dense" and parents and parents[-1] == "attention":
        return "attention-output"
    if last in ("Wo", "c_proj") or (last == "dense" and parents and parents[-1] == "output"):
        return "attention-output" if in_attention else "output"
    if last == "dense" and parents and parents[-1] == "intermediate":
        return "intermediate"
    return path


def chosen_roles(maps: str) -> frozenset[str] | None:
    """The roles that a setting names, or None for every linear map.

    `maps`: `all`, `attention`, `feed-forward`, or roles joined by `+`, such as `query+key`.
    UnknownNameError where a word is no role.
    """
    if maps == "all":
        return None
    named = {"attention": ATTENTION, "feed-forward": FEED_FORWARD}
    if maps in named:
        return frozenset(named[maps])
    words = maps.split("+")
    for word in words:
        if word not in ROLES:
            raise UnknownNameError("linear map", word, ("all", *named, *ROLES))
    return frozenset(words)
