"""Names of invented people and places, shared by the generated corpora."""

WORDS = {
    "first_name": """Ada, Albert, Alma, Amos, Anders, Anita, Arlo, Astrid, Basil, Beatrix, Bela,
        Bram, Bruno, Camilla, Carmen, Caspar, Cecil, Celia, Clara, Clement, Conrad, Cora, Cyril,
        Dagmar, Dario, Delia, Dexter, Dora, Edgar, Edith, Edmund, Elena, Elias, Elsa, Emil, Enid,
        Ernest, Esther, Eugene, Fabian, Felix, Fiona, Flora, Frances, Franklin, Freya, Gareth,
        Gemma, Gideon, Gloria, Greta, Gustav, Hanna, Harriet, Hector, Hilda, Horace, Hugo, Ida,
        Igor, Imogen, Ingrid, Irma, Isidor, Ivan, Ivy, Jasper, Joan, Jonas, Josef, Judith, Julius,
        Karin, Kaspar, Kirsten, Lars, Laura, Leonora, Leopold, Lionel, Lotte, Louisa, Lucian, Lydia,
        Mabel, Magda, Marcus, Margot, Marius, Martha, Matilda, Maurice, Milo, Minna, Miriam, Moira,
        Monty, Nadia, Nestor, Nora, Octavia, Odette, Olaf, Oscar, Otto, Pascal, Paula, Percy, Petra,
        Phoebe, Quentin, Ralph, Ramona, Rhoda, Roland, Rosalind, Rufus, Ruth, Sabine, Samson, Selma,
        Sigrid, Silas, Simone, Stella, Sven, Sybil, Tabitha, Thea, Theodore, Tobias, Ulrich, Una,
        Ursula, Valerie, Vera, Viktor, Viola, Wanda, Wendell, Wilfred, Winifred, Xavier, Yvonne,
        Zelda""",
    "last_name": """Abernathy, Aldous, Amberly, Ashdown, Atwater, Babcock, Bexley, Birchall,
        Blackwood, Bostwick, Bramley, Brandt, Brockway, Burlingham, Cadwell, Calloway, Carmody,
        Castellan, Chadwick, Clutterbuck, Cobb, Colbeck, Cranford, Crowley, Dahlberg, Dalrymple,
        Dankworth, Davenport, Delacroix, Denholm, Dorsey, Drummond, Dunmore, Eastlake, Eckhart,
        Ellery, Everdeen, Fairbank, Farnsworth, Fenwick, Fitzroy, Fothergill, Frost, Gallagher,
        Garrick, Gladwell, Goldstone, Grayling, Greenleaf, Grimshaw, Haldane, Halloran, Hargreave,
        Hathersage, Hawksworth, Hellman, Hollister, Holmquist, Huxtable, Inglewood, Ironside,
        Jessop, Kessler, Kingsley, Kirkbride, Lambert, Langford, Larkin, Lindqvist, Lockhart,
        Lovell, Lundgren, Maddox, Mallory, Marchetti, Marlowe, Merriweather, Middleton, Montague,
        Mortensen, Musgrave, Netherby, Norcross, Oakhurst, Ogilvie, Okafor, Osgood, Palgrave,
        Pemberton, Penhaligon, Pettigrew, Pomeroy, Prescott, Quillfeather, Quimby, Radcliffe,
        Ravenscroft, Redfern, Renshaw, Rosenthal, Rothwell, Rutledge, Salvatore, Sandoval,
        Satterfield, Selwyn, Sinclair, Somerset, Stanhope, Stavros, Stockbridge, Strickland,
        Swanson, Talbot, Tanaka, Templeton, Thackeray, Thorndike, Thurlow, Tillman, Trevelyan,
        Underhill, Valentine, Vandermeer, Vasquez, Wainwright, Wakefield, Waldron, Warburton,
        Weatherby, Westbrook, Whitlock, Wilcox, Winslow, Wolcott, Wyndham, Yardley, Zimmerman""",
    "town": """Alderbrook, Ashcombe, Barrowfield, Bellport, Birkdale, Blakeney, Bridgewater,
        Brookhaven, Calder, Canterfield, Cedarville, Clearwater, Coldbrook, Copperhill, Crestwood,
        Dalton, Deepford, Eastbourne, Edgemont, Elmsworth, Fairhaven, Fallbrook, Fernley, Galway,
        Glenrock, Goldfield, Granby, Greenport, Halberton, Harborough, Hazelmere, Helsinki,
        Kettering, Lakeview, Lisbon, Longmeadow, Lynmouth, Maplewood, Marseille, Millbrook,
        Montrose, Newhaven, Northgate, Oakdale, Oslo, Palermo, Pinecrest, Portland, Prague, Quebec,
        Ridgeway, Riverton, Rockport, Rosewood, Saltash, Sandford, Silverton, Southwell,
        Springfield, Stonebridge, Toronto, Tynemouth, Valencia, Vienna, Wellington, Westhaven,
        Whitby, Willowdale, Winchester, Woodstock, Zurich""",
    "person": "{first_name} {last_name}",
}

RULES = {
    "relative": """
        my {kin:sg}
        my cousin {first_name}
        my neighbour {first_name}
        a {companion:sg}
        a {companion:sg} from {club}
        two {companion:pl}""",
}

KIN = {
    "kin": """brother, sister, cousin, uncle, aunt, nephew, niece, father, mother, grandfather,
        grandmother, husband, wife, daughter, son, stepfather, godmother, roommate, neighbour,
        landlord, flatmate, boss, partner, teenager""",
    "companion": """friend, colleague, classmate, neighbour, acquaintance, teammate, librarian,
        student, plumber, nurse, teacher, carpenter, bus driver, accountant, gardener, translator,
        baker, dentist, electrician, postman""",
    "club": """work, school, college, church, choir, the office, the gym, the bakery, book club,
        evening class, the allotment, the chess club, the rowing club, the night shift, the
        warehouse, the orchestra, pottery class, the library, swimming practice, the bowling
        league""",
}
