"""Text VAEs finetuned from a pretrained seq2seq transformer, and what they are compared with."""
