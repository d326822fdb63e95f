"""Tweets to the words of the TwitterAAE table.

That table was counted on lower-cased tweets in which runs of punctuation are words (`!!`, `...`,
`“`), emoji stay with the letters they touch, contractions stay whole, and hashtags keep their mark.
User names and addresses are words too, though never among those with counts.
"""

import html
import re

_PUNCTUATION = r"\s!-/:-@\[-^`{-~“”‘’«»…"
_WORDS = re.compile(
    rf"""
      (?:https?://|www\.)[^\s<>"]+                      # addresses
    | @\w+                                              # user names
    | \#\w+                                             # hashtags
    | [<>]?[:;=8x][-o*'^]?[)(\]\[dpo/\\|*@3]+(?!\w)     # faces :) ;-) :D
    | [)(\]\[]+[-o*'^]?[:;=](?!\w)                      # faces the other way (:
    | [-^>t][_.]+[-^<t](?!\w)                           # faces -_- ^_^
    | <+/?3+                                            # hearts
    | \$?\d+(?:[.,:/'\-]\d+)*(?:%|\$|\+)?(?!\w)          # numbers, times, scores, prices
    | (?:[a-z]\.){{2,}}                                 # b.s.
    | (?:mr|mrs|ms|dr|st|vs)\.                          # titles
    | [swbc]/(?:[o]\b)?                                 # s/o w/
    | [^{_PUNCTUATION}]+(?:['’&\-][^{_PUNCTUATION}]+)*'?(?<!')
    | [.?!,…]+ | ["“”«»]+ | ['‘’]+ | [:;]+              # runs of punctuation
    | >+ | <+ | -+ | \*+ | ~+ | =+ | \^+ | _+
    | \S
    """,
    re.VERBOSE,
)


def words_of(tweet: str) -> list[str]:
    """The words of a tweet, in order, lower-cased; HTML entities are resolved first."""
    return _WORDS.findall(html.unescape(html.unescape(tweet)).lower())
